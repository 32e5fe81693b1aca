from db_migrations.ownership import *
