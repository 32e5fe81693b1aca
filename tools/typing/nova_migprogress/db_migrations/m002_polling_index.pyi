from db_migrations.m002_polling_index import *
