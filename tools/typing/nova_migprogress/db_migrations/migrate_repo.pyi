from db_migrations.migrate_repo import *
