# For mypy only: setup.cfg installs the directories db_migrations/ and
# api_schema/ of the checkout below nova_migprogress. Here each of their
# modules has that name too.
