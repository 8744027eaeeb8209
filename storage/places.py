"""Where the database is: a path or URL as people write it, and whether a file may live there."""

from __future__ import annotations

import logging
import os
import sqlite3
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.faults import DatabaseFault

log = logging.getLogger(__name__)

# SQLite's WAL shares memory between the processes that open the file: they must be on one host
# (https://www.sqlite.org/wal.html, "WAL does not work over a network filesystem").
_REFUSED = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "fuse.sshfs", "fuse.glusterfs", "ceph"})
_DOUBTED = frozenset({"9p", "drvfs", "fuseblk", "vboxsf", "prl_fs", "fuse", "virtiofs"})


def database_url(url_or_path: str | os.PathLike[str]) -> URL:
    """The SQLAlchemy URL of a file path, ``sqlite:///…``, ``postgresql://…`` or ``postgres://…``.

    PostgreSQL always gets the psycopg driver. Raises DatabaseFault for another database or an unreadable URL; the
    message holds neither user nor password.
    """
    written = os.fspath(url_or_path)
    if "://" not in written:
        return URL.create("sqlite", database=str(Path(written).expanduser().absolute()))
    try:
        url = make_url("postgresql" + written[8:] if written.startswith("postgres://") else written)
    except (ArgumentError, ValueError):
        raise DatabaseFault("other", "`database` is not a valid URL. Write a file path or postgresql://…") from None
    backend = url.get_backend_name()
    if backend == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseFault("other", f"Basewatch keeps its data in SQLite or PostgreSQL, not in {backend!r}.")
    if not url.database or url.database == ":memory:":
        raise DatabaseFault("other", "A database in memory would forget everything. Name a file as `database`.")
    return URL.create("sqlite", database=str(Path(url.database).expanduser().absolute()))


def shown(url: URL) -> str:
    """The database in words for messages: the path, or host and name; never user, password or options."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    host = url.host or url.query.get("host") or "localhost"
    return f"{url.database or 'postgres'} on {host if isinstance(host, str) else ','.join(host)}"


def file_system_of(path: Path, mountinfo: str) -> str | None:
    """Type of the file system that holds ``path`` (absolute), from the text of /proc/self/mountinfo; None if unknown.

    The longest mount point wins, the last line among equals (a later mount covers an earlier one).
    """
    found: tuple[int, str] | None = None
    for line in mountinfo.splitlines():
        left, separator, right = line.partition(" - ")
        fields = left.split(" ")
        if not separator or len(fields) < 5:
            continue
        point = Path(fields[4].encode().decode("unicode_escape"))
        if (path == point or point in path.parents) and (found is None or len(point.parts) >= found[0]):
            found = (len(point.parts), right.split(" ")[0])
    return found[1] if found else None


def check_file_system(path: Path, *, mountinfo: Path = Path("/proc/self/mountinfo")) -> None:
    """Raise DatabaseFault where the file would lie on a network file system; warn where nobody can be sure."""
    try:
        kind = file_system_of(path.resolve(), mountinfo.read_text(encoding="utf-8", errors="replace"))
    except OSError:  # not Linux: nothing to ask
        return
    if kind in _REFUSED:
        raise DatabaseFault(
            "network_fs",
            f"{path} is on a network file system ({kind}), where SQLite can lose or damage data. "
            "Put the database on a local disk, or use PostgreSQL.",
        )
    if kind in _DOUBTED:
        log.warning(
            "%s is on a %s file system: if another machine shares it, use a local disk or PostgreSQL", path, kind,
            extra={"action": "doubtful_file_system"},
        )  # fmt: skip


def check_sqlite_version() -> None:
    """Raise DatabaseFault for a SQLite library without RETURNING (before 3.35, March 2021)."""
    if sqlite3.sqlite_version_info < (3, 35):
        raise DatabaseFault(
            "other",
            f"This Python comes with SQLite {sqlite3.sqlite_version}; Basewatch needs 3.35 or newer. "
            "Use a newer Python, or PostgreSQL.",
        )


_MAGIC = b"SQLite format 3\0"


def check_file(path: Path, *, create: bool) -> None:
    """Raise DatabaseFault where there is no usable file, before SQLite opens (and perhaps creates) it."""
    if not path.exists():
        if not create:
            raise DatabaseFault(
                "missing", f"There is no database {path}. Start `basewatch run` once, or correct `database`."
            )
        if not path.parent.is_dir():
            raise DatabaseFault(
                "missing", f"The folder {path.parent} does not exist. Create it, or correct `database`."
            )
        return
    if not path.is_file():
        raise DatabaseFault("not_a_database", f"{path} is not a file. Name a file as `database` in the configuration.")
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except PermissionError:
        raise DatabaseFault("read_only", f"The database {path} may not be read by this user.") from None
    if head and head != _MAGIC:
        raise DatabaseFault(
            "not_a_database",
            f"{path} is not a SQLite database. Name another file as `database` in the configuration.",
        )
