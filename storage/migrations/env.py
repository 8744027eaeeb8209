"""Runs migrations on the connection, and in the transaction, that ``storage.schema.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from storage.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transactional_ddl=True,  # Alembic assumes False for SQLite, whose DDL is transactional after a BEGIN
    transaction_per_migration=False,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
