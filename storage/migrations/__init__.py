"""Alembic migrations, run from code (``storage.schema.migrate``); no alembic.ini."""
