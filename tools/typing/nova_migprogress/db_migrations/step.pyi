from db_migrations.step import *
