"""What every table shares: the names of constraints, the types of columns, the table about the database itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from storage.types import Json, SafeText, UtcDateTime

#: constraint names are fixed, so that a later migration can name them on both databases
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: ``types.url_key`` of the canonical URL: a PostgreSQL index takes no value over 2.7 kB, and percent-encoded Arabic
#: slugs come near it; the index is a third of the size, too
UrlKey = String(32)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime, str: SafeText, dict[str, Any]: Json, list[Any]: Json}  # noqa: RUF012


class Meta(Base):
    """Facts about the database itself, by key."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    value: Mapped[str]
