"""The words of messages, one file a language: phrases/<code>.toml. A folder of the same name overlays them by key.

English has every key and is the measure: another language that lacks one, or has one too many, is refused at start with
file and key. ``{name}`` in a phrase is filled by code; a phrase that asks for a name which English does not give is
refused, too, so that no message can fail for its wording.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from config.data import Tree, overlay, read_toml
from config.told import LINES, names, phrases_of
from core.errors import ConfigError

LANGUAGES = ("en", "ar")  #: what a channel may be set to
PLURALS = ("zero", "one", "two", "few", "many", "other")  #: the classes of Unicode CLDR
_NAME = re.compile(r"\{(\w+)\}")

_OWN = ("told", "told_lines", "why")  #: tables that English, whose words stand in the code, has not
_ALSO_GIVEN = {
    "amount": {"w"},
    "text": {"what"},
    "held": {"reason"},
}  #: what code gives beside what the English phrases use

Table = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """All phrases of one language: tables of strings, by ``table.key`` ("forms.drone" holds plural classes)."""

    code: str  #: as BCP 47
    rtl: bool  #: written from right to left
    tables: Mapping[str, Table]

    def __hash__(self) -> int:
        return id(self)

    def get(self, table: str, key: str, default: str = "") -> str:
        """The phrase; ``default`` where the table has no such key."""
        return self.tables.get(table, {}).get(key, default)


def load_phrases(code: str, config_dir: Path | None = None) -> Phrases:
    """The language's phrases, complete. Raises ConfigError with file and key."""
    found, files = _read(code, config_dir)
    if not found:
        raise ConfigError(f"no file phrases/{code}.toml: languages are {', '.join(LANGUAGES)}", key="language")
    _check(found, _read("en", None)[0], files[-1], is_english=code == "en")
    head = found.get("language", {})
    return Phrases(code=code, rtl=head.get("direction") == "rtl", tables=found)


@cache
def english() -> Phrases:
    """The shipped English phrases."""
    return load_phrases("en")


def _read(code: str, config_dir: Path | None) -> tuple[dict[str, dict[str, str]], list[Path]]:
    tables: dict[str, dict[str, str]] = {}
    files = [path for path in overlay(config_dir, "phrases") if path.stem == code]
    for path in files:
        for name, key, value in _leaves(read_toml(path), path):
            tables.setdefault(name, {})[key] = value
    return tables, files


def _leaves(tree: Tree, path: Path, at: tuple[str, ...] = ()) -> Iterator[tuple[str, str, str]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value, path, (*at, key))
        elif isinstance(value, str) and at:
            yield ".".join(at), key, value
        else:
            raise ConfigError("must be text in quotes, inside a table", file=path, key=".".join((*at, key)))


def _check(tables: Mapping[str, Table], measure: Mapping[str, Table], file: Path, *, is_english: bool) -> None:
    _check_told("told", tables.get("told", {}), phrases_of(), file, all_of_them=not is_english)
    _check_told("told_lines", tables.get("told_lines", {}), LINES, file, all_of_them=not is_english)
    for english, phrase in tables.get("why", {}).items():
        if strange := sorted(set(_NAME.findall(phrase)) - set(_NAME.findall(english))):
            raise ConfigError(f"has {{{strange[0]}}}, which its key has not", file=file, key=f"why.{english}")
    for name in sorted((tables.keys() | measure.keys()) - set(_OWN)):
        known, given = measure.get(name), tables.get(name)
        if known is None or given is None:
            raise ConfigError("is no table of phrases" if known is None else "is missing", file=file, key=name)
        _check_table(name, given, known, file)


def _check_told(table: str, given: Table, known: Mapping[str, str], file: Path, *, all_of_them: bool) -> None:
    """Every text that code can send has words, and each asks only for what code gives it."""
    for key in sorted(given.keys() | (known.keys() if all_of_them else set())):
        where = f"{table}.{key}"
        if key not in known or key not in given:
            raise ConfigError("is no notice that can be worded" if key in given else "is missing", file=file, key=where)
        if strange := sorted(set(_NAME.findall(given[key])) - names(known[key]).keys()):
            raise ConfigError(f"has {{{strange[0]}}}, which is not given here", file=file, key=where)


def _check_table(name: str, given: Table, known: Table, file: Path) -> None:
    is_forms = name.startswith("forms.")
    keys = set(PLURALS) if is_forms else set(known)
    for key in sorted(given.keys() | known.keys()):
        where = f"{name}.{key}"
        if key not in keys:
            raise ConfigError("is no phrase that messages use", file=file, key=where)
        if key not in given and not is_forms:
            raise ConfigError("is missing", file=file, key=where)
    if is_forms and "other" not in given:
        raise ConfigError("is missing", file=file, key=f"{name}.other")
    allowed = set(_NAME.findall(" ".join(known.values()))) | _ALSO_GIVEN.get(name, set())
    for key, phrase in given.items():
        if strange := sorted(set(_NAME.findall(phrase)) - allowed):
            raise ConfigError(f"has {{{strange[0]}}}, which is not given here", file=file, key=f"{name}.{key}")
