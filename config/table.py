"""A TOML table that is read key by key: each wrong value is a ConfigError naming file, key and reason.

Plain Python rather than pydantic: the data files hold some eight thousand strings, and start-up has two seconds in all.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import NoReturn, TypeVar, overload
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config.countries import COUNTRIES
from core.errors import ConfigError

T = TypeVar("T")
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LANGUAGE = re.compile(r"[a-z]{2,3}")
_PERIOD = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")


class Table:
    """One table. Every key that is asked for counts as known; ``done`` refuses the rest."""

    __slots__ = ("_asked", "data", "file", "where")

    def __init__(self, data: Mapping[str, object], file: Path, where: str = "") -> None:
        self.data, self.file, self.where = data, file, where
        self._asked: set[str] = set()

    def fail(self, key: str, reason: str) -> NoReturn:
        raise ConfigError(reason, file=self.file, key=f"{self.where}.{key}" if self.where else key)

    def get(self, key: str) -> object | None:
        self._asked.add(key)
        return self.data.get(key)

    def __contains__(self, key: str) -> bool:
        return key in self.data

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, default: T) -> str | T: ...
    def text(self, key: str, default: object = ...) -> object:
        """The text under ``key``, never empty; without a default it is required."""
        value = self.get(key)
        if value is None and default is not ...:
            return default
        if value is None:
            self.fail(key, "is required and not set")
        if not isinstance(value, str) or not value.strip():
            self.fail(key, "must be text in quotes")
        return value

    def word(self, key: str, allowed: Collection[str], default: str | None = None) -> str:
        """One of ``allowed``."""
        value = self.text(key) if default is None else self.text(key, default)
        if value not in allowed:
            self.fail(key, f"{value!r} is unknown: choose one of {', '.join(sorted(allowed))}")
        return value

    def identifier(self, key: str = "id") -> str:
        value = self.text(key)
        if not ID.fullmatch(value):
            self.fail(key, f"{value!r} must be small letters, digits and single hyphens")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.get(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            self.fail(key, "must be true or false")
        return value

    def number(self, key: str, low: float, high: float) -> float:
        value = self.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            self.fail(key, "is required and must be a number" if value is None else "must be a number")
        if not low <= value <= high:
            self.fail(key, f"{value} is out of range: from {low} to {high}")
        return float(value)

    def words(self, key: str, *, required: bool = False) -> tuple[str, ...]:
        """A list of texts, none of them empty; () where it is not set."""
        value = self.get(key)
        if value is None and not required:
            return ()
        if not isinstance(value, list) or (required and not value):
            self.fail(key, 'must be a list of texts, such as ["one", "two"]')
        for item in value:
            if not isinstance(item, str) or not item.strip():
                self.fail(key, "holds an entry that is empty or no text")
        return tuple(value)

    def languages(self, key: str) -> dict[str, tuple[str, ...]]:
        """Lists of texts by language code; {} where the table is not set."""
        table = self.table(key)
        for language in table.data:
            if not LANGUAGE.fullmatch(language):
                table.fail(language, "is no language code of two or three small letters")
        return {language: table.words(language, required=True) for language in table.data}

    def country(self, key: str = "country", *, required: bool = True) -> str | None:
        value = self.text(key) if required else self.text(key, None)
        if value is not None and value not in COUNTRIES:
            self.fail(key, f"{value!r} is no ISO 3166 alpha-2 country code, such as IQ")
        return value

    def time_zone(self, key: str = "time_zone") -> str:
        value = self.text(key)
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fail(key, f"{value!r} is no IANA time zone, such as Asia/Baghdad")
        return value

    def day(self, key: str, *, last: bool = False) -> date | None:
        """First day, or with ``last`` the last one, of a year, month or day such as 2014, 2014-10 or 2014-10-31."""
        value = self.get(key)
        if value is None:
            return None
        match = _PERIOD.fullmatch(value) if isinstance(value, str) else None
        try:
            if match is not None:
                return _day(match, last)
            if isinstance(value, date):
                return value
        except ValueError:
            match = None  # 2023-02-30
        return self.fail(key, f"{value!r} is no year, month or day such as 2014, 2014-10 or 2014-10-31")

    def table(self, key: str) -> Table:
        value = self.get(key)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            self.fail(key, "must be a table")
        return Table(value, self.file, f"{self.where}.{key}" if self.where else key)

    def tables(self, key: str) -> Iterator[Table]:
        """Each table of a list of tables, written ``[[key]]``."""
        value = self.get(key)
        if value is None:
            return
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.fail(key, f"must be written as [[{key}]] tables")
        prefix = f"{self.where}.{key}" if self.where else key
        for position, item in enumerate(value, 1):
            name = item.get("id") or item.get("slug")
            yield Table(item, self.file, f"{prefix}[{name if isinstance(name, str) else position}]")

    def done(self) -> None:
        """Refuse the first key that nobody asked for."""
        for key in self.data:
            if key not in self._asked:
                near = difflib.get_close_matches(key, self._asked, n=1)
                known = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(sorted(self._asked))}"
                self.fail(key, f"unknown key; {known}")


def _day(match: re.Match[str], last: bool) -> date:
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    if day is not None:
        return date(year, month or 1, day)
    if not last:
        return date(year, month or 1, 1)
    following = date(year + 1, 1, 1) if month in (None, 12) else date(year, (month or 0) + 1, 1)
    return date.fromordinal(following.toordinal() - 1)
