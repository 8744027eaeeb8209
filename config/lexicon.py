"""The words of each language, read from ``lexicon/<lang>.toml``: data only, no grammar in code.

A file holds classes of words (``attack``, ``intercept``, ``drill`` …), the clitics and endings that may be glued to any
of them, tables of time words, numbers and places. ``docs/classifier.md`` describes every key. A user's file of the same
name in ``<config-dir>/lexicon`` replaces the shipped one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError

LEXICON_DIR = Path(__file__).parent / "lexicon"
ORDERS = ("svo", "vso", "sov")
OWNERS = ("before", "behind", "both")

_TEXT_KEYS = {"lang", "order", "owner", "stop"}
_LIST_KEYS = {"from_suffixes", "to_suffixes", "letters", "name_endings", "plural_endings"}
_KNOWN = (
    _TEXT_KEYS
    | _LIST_KEYS
    | {"prefixes", "suffixes", "join_zwnj", "ordinal_dot", "watch", "classes", "time", "numbers", "places"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """What one language contributes to the classifier; words as written in the file, not yet in plain spelling."""

    lang: str
    order: str  #: usual order of subject, object and verb: svo, vso or sov
    owner: str  #: where a noun's owner stands: before it ("US base"), behind it or both
    join_zwnj: bool  #: a zero-width non-joiner stands inside one word (Sorani) instead of between two (Persian)
    ordinal_dot: bool  #: a full stop behind a number makes it an ordinal
    prefixes: tuple[str, ...]  #: clitics that may stand glued before a word
    suffixes: tuple[str, ...]  #: endings that any entry may take
    from_suffixes: tuple[str, ...]  #: case endings that mean "away from"
    to_suffixes: tuple[str, ...]  #: case endings that mean "towards"
    plural_endings: tuple[str, ...]  #: endings of nouns that stand for several
    name_endings: tuple[str, ...]  #: last letters that a name loses before another ending
    letters: str  #: letters that only this language uses among those of its script
    stop: tuple[str, ...]  #: frequent words that tell the language
    classes: Mapping[str, tuple[str, ...]]
    time: Mapping[str, tuple[str, ...]]
    weekdays: tuple[tuple[str, ...], ...]  #: inflections beside ``core.calendar_names``, Monday first
    months: tuple[tuple[str, ...], ...]  #: inflections beside ``core.calendar_names``, January first
    numbers: Mapping[str, int]
    places: Mapping[str, tuple[str, ...]]  #: "IQ/erbil" or "IQ" -> its names
    names: Mapping[str, tuple[str, ...]]  #: site id -> spellings beside those of the watch
    default_sites: Mapping[str, str]  #: place -> the one site that "the base in <place>" means


def lexicon_dirs(config_dir: Path | None) -> tuple[Path, ...]:
    """Folders that hold lexicons, shipped first."""
    if config_dir is None or not (config_dir / "lexicon").is_dir():
        return (LEXICON_DIR,)
    return (LEXICON_DIR, config_dir / "lexicon")


def lexicon_files(config_dir: Path | None = None) -> dict[str, Path]:
    """Language -> its file; a user's file wins over the shipped one."""
    found: dict[str, Path] = {}
    for folder in lexicon_dirs(config_dir):
        found.update({path.stem: path for path in sorted(folder.glob("*.toml"))})
    return found


def load_lexicons(config_dir: Path | None = None, *, watch: str = "us-bases") -> dict[str, Lexicon]:
    """All lexicons by language. Raises ConfigError naming file, key and reason."""
    return {lang: load_lexicon(path, watch=watch) for lang, path in lexicon_files(config_dir).items()}


def load_lexicon(path: Path, *, watch: str = "us-bases") -> Lexicon:
    """One lexicon, with the words that the named watch adds. Raises ConfigError naming file, key and reason."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", file=path) from error
    unknown = sorted(set(data) - _KNOWN)
    if unknown:
        raise ConfigError(f"unknown; known are {', '.join(sorted(_KNOWN))}", file=path, key=unknown[0])
    if data.get("lang") != path.stem:
        raise ConfigError(f"must be {path.stem!r}, the name of the file", file=path, key="lang")
    if data.get("order") not in ORDERS:
        raise ConfigError(f"must be one of {', '.join(ORDERS)}", file=path, key="order")
    if data.get("owner", "before") not in OWNERS:
        raise ConfigError(f"must be one of {', '.join(OWNERS)}", file=path, key="owner")
    return _lexicon(path, data, watch)


def _lexicon(path: Path, data: Mapping[str, object], watch: str) -> Lexicon:
    classes = {name: _words(path, name, value) for name, value in _table(path, data, "classes").items()}
    own = dict(_table(path, _table(path, data, "watch"), watch))
    names, defaults = _table(path, own, "names"), _table(path, own, "default_sites")
    for name, value in own.items():
        if name in ("names", "default_sites"):
            continue
        classes[name] = classes.get(name, ()) + _words(path, name, value)
    time = dict(_table(path, data, "time"))
    calendars = {key: time.pop(key, []) for key in ("weekdays", "months")}
    return Lexicon(
        lang=path.stem,
        order=str(data["order"]),
        owner=str(data.get("owner", "before")),
        join_zwnj=data.get("join_zwnj") is True,
        ordinal_dot=data.get("ordinal_dot") is True,
        prefixes=_words(path, "prefixes", data.get("prefixes", "")),
        suffixes=_words(path, "suffixes", data.get("suffixes", "")),
        from_suffixes=_words(path, "from_suffixes", data.get("from_suffixes", "")),
        to_suffixes=_words(path, "to_suffixes", data.get("to_suffixes", "")),
        plural_endings=_words(path, "plural_endings", data.get("plural_endings", "")),
        name_endings=_words(path, "name_endings", data.get("name_endings", "")),
        letters=str(data.get("letters", "")),
        stop=_words(path, "stop", data.get("stop", "")),
        classes=classes,
        time={name: _words(path, name, value) for name, value in time.items()},
        weekdays=_rows(path, "weekdays", calendars["weekdays"]),
        months=_rows(path, "months", calendars["months"]),
        numbers=_numbers(path, data),
        names={site: _words(path, site, value) for site, value in names.items()},
        default_sites={place: str(site) for place, site in defaults.items()},
        places={name: _words(path, name, value) for name, value in _table(path, data, "places").items()},
    )


def _table(path: Path, data: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = data.get(key, {})
    if not isinstance(value, dict):
        raise ConfigError("must be a table", file=path, key=key)
    return value


def _words(path: Path, key: str, value: object) -> tuple[str, ...]:
    """Words of ``"a | b"`` or ``["a", "b"]``."""
    if isinstance(value, str):
        value = value.split("|")
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ConfigError('must be a text such as "word | other word" or a list of texts', file=path, key=key)
    return tuple(word.strip() for word in value if word.strip())


def _rows(path: Path, key: str, value: object) -> tuple[tuple[str, ...], ...]:
    if not isinstance(value, list):
        raise ConfigError("must be a list", file=path, key=key)
    return tuple(_words(path, key, row) for row in value)


def _numbers(path: Path, data: Mapping[str, object]) -> dict[str, int]:
    numbers: dict[str, int] = {}
    for word, value in _table(path, data, "numbers").items():
        if not isinstance(value, int):
            raise ConfigError("must be a whole number", file=path, key=f"numbers.{word}")
        numbers[word] = value
    return numbers
