"""Alembic runs this for each command of migrate.py, on its connection and in its transaction."""

from alembic import context

from sync.hub.schema import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
with context.begin_transaction():
    context.run_migrations()
