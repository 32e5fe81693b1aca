from db_migrations import *
