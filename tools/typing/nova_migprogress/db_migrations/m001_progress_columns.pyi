from db_migrations.m001_progress_columns import *
