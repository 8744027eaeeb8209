"""A watch: the sites, the actors and the sides that one folder of data describes. Code never names a country.

``load_watch`` reads ``watches/<name>/{sites,actors,sides}.toml``, the shipped ones first and then the operator's, and
raises ConfigError naming file, key and reason.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from config.data import DATA_DIR, overlay, read_toml
from config.table import LANGUAGE, Table
from core.errors import ConfigError
from core.values import Kind

T = TypeVar("T")
Names = Mapping[str, tuple[str, ...]]  #: by language code

DEFAULT_WATCH = "us-bases"
SITE_KINDS = frozenset({Kind.AIRBASE, Kind.OUTPOST, Kind.LOGISTICS, Kind.NAVAL, Kind.DIPLOMATIC, Kind.RADAR})
ACTOR_KINDS = frozenset({"umbrella", "militia", "state", "facade group"})
FORCE_KINDS = frozenset({"military", "command", "coalition", "government", "partner", "state"})
SIDES = frozenset({"protected", "partner", "other"})
CONFIDENCE = frozenset({"high", "medium", "low"})
ALL = "*"  #: in ``attackers``: every actor


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """A period in which the protected forces were at a site; both ends belong to it."""

    from_: date | None  #: first day; of the year or month where only that is known
    to: date | None  #: last day; None: open, or not known to have ended
    confidence: str  #: "high", "medium" or "low"
    source: str
    note: str | None = None

    def covers(self, day: date) -> bool:
        return (self.from_ is None or self.from_ <= day) and (self.to is None or day <= self.to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """Aliases that also mean something else: they count only beside a military word or a second name."""

    aliases: tuple[str, ...]
    langs: tuple[str, ...]  #: ("all",) is every language
    also_means: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A base, outpost, fleet or diplomatic mission."""

    id: str
    name: str
    kind: Kind
    country: str  #: ISO 3166 alpha-2
    admin1: str  #: governorate, province or sea
    lat: float
    lon: float
    coord_confidence: str  #: "low": up to 10 km off
    time_zone: str  #: IANA name
    aliases: Names
    near: Names  #: towns, fields and districts by which reports place an attack
    presence: tuple[Presence, ...]
    ambiguous: tuple[Ambiguous, ...]
    same_as: tuple[str, ...]  #: names that are this one site, though reports tell them apart
    notes: str | None
    guest: bool = False  #: the protected side is a guest there: named alone, the place is its owners'

    def presence_on(self, day: date) -> tuple[Presence, ...]:
        """The periods that cover the day; () says only that none is known."""
        return tuple(period for period in self.presence if period.covers(day))


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """A group, a state or a force, with its names."""

    id: str
    name: str
    kind: str
    country: str | None
    aliases: Names
    allied_with: tuple[str, ...]  #: ids of actors
    active_from: date | None
    active_to: date | None
    confidence: str
    ambiguous: tuple[str, ...]  #: names that also mean something else, the words in brackets say what
    notes: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """Whose forces are protected, who fights beside them, who attacks, who else is about."""

    country: str  #: whose forces are protected
    protected: Mapping[str, Actor]
    partners: Mapping[str, Actor]
    others: Mapping[str, Actor]  #: other nations' forces: an attack on them alone is not of this watch
    attackers: frozenset[str]  #: ids of actors
    claim_formulas: Names  #: stock phrases of claims of responsibility

    def protected_names(self, *kinds: str) -> dict[str, tuple[str, ...]]:
        """Names of the protected side by language; of all kinds, or of those given ("military", "command", …)."""
        names: dict[str, list[str]] = {}
        for force in self.protected.values():
            if not kinds or force.kind in kinds:
                for language, aliases in force.aliases.items():
                    names.setdefault(language, []).extend(aliases)
        return {language: tuple(dict.fromkeys(aliases)) for language, aliases in names.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Everything that is known about what is watched."""

    name: str
    what: str  #: one sentence
    caution: str | None  #: what to keep in mind about the data
    sites: Mapping[str, Site]
    actors: Mapping[str, Actor]
    sides: Sides
    digest: str  #: SHA-256 of the files that were read, in order: changes with any of them


@dataclass(frozen=True, slots=True, kw_only=True)
class AliasClash:
    """One name that two sites claim in one language; some are real, and only context tells."""

    alias: str
    language: str
    sites: tuple[str, ...]


def load_watch(name: str = DEFAULT_WATCH, config_dir: Path | None = None) -> Watch:
    """The watch of that name with the operator's own entries on top, by id.

    Raises ConfigError for a watch that does not exist, a file that cannot be read, a double id, a coordinate out of
    range, an unknown kind, country, language, time zone or actor, a date that is none, and an unknown key.
    """
    folder = f"watches/{name}"
    files: dict[str, list[Table]] = {"sites": [], "actors": [], "sides": []}
    digest = hashlib.sha256()
    for path in overlay(config_dir, folder):
        if path.stem not in files:
            raise ConfigError("a watch is read from sites.toml, actors.toml and sides.toml alone", file=path)
        files[path.stem].append(Table(read_toml(path), path))
        digest.update(path.read_bytes())
    for stem, tables in files.items():
        if not tables:
            looked = " or ".join(str(base / folder) for base in (DATA_DIR, config_dir) if base is not None)
            raise ConfigError(f"the watch {name!r} needs a {stem}.toml in {looked}", key="watch")
    head = [_read_head(table) for table in files["sites"]]
    sites = _by_id(files["sites"], "site", _read_site)
    actors = _by_id(files["actors"], "actor", _read_actor)
    _check_allies(files["actors"], actors)
    sides = _read_sides(files["sides"], actors)
    for table in (table for tables in files.values() for table in tables):
        table.done()
    return Watch(
        name=name,
        what=next((what for what, _ in reversed(head) if what), name),
        caution=next((caution for _, caution in reversed(head) if caution), None),
        sites=sites,
        actors=actors,
        sides=sides,
        digest=digest.hexdigest(),
    )


def alias_clashes(watch: Watch) -> tuple[AliasClash, ...]:
    """Names that two sites claim in one language, letter case aside; sorted."""
    claims: dict[tuple[str, str], dict[str, None]] = {}
    for site in watch.sites.values():
        for language, aliases in site.aliases.items():
            for alias in aliases:
                claims.setdefault((alias.casefold(), language), {})[site.id] = None
    return tuple(
        AliasClash(alias=alias, language=language, sites=tuple(sites))
        for (alias, language), sites in sorted(claims.items())
        if len(sites) > 1
    )


def _by_id(files: list[Table], key: str, read: Callable[[Table], T]) -> dict[str, T]:
    """Each ``[[key]]`` by its id: the last file wins, twice in one file is an error."""
    found: dict[str, T] = {}
    for file in files:
        here: set[str] = set()
        for table in file.tables(key):
            identifier = table.identifier()
            if identifier in here:
                table.fail("id", f"{identifier!r} stands twice in this file")
            here.add(identifier)
            found[identifier] = read(table)
            table.done()
    return found


def _read_head(file: Table) -> tuple[str | None, str | None]:
    table = file.table("watch")
    table.day("compiled")
    what, caution = table.text("what", None), table.text("caution", None)
    table.done()
    return what, caution


def _read_site(table: Table) -> Site:
    country = table.country()
    assert country is not None
    return Site(
        id=table.identifier(),
        name=table.text("name"),
        kind=Kind(table.word("kind", SITE_KINDS)),
        country=country,
        admin1=table.text("admin1"),
        lat=table.number("lat", -90, 90),
        lon=table.number("lon", -180, 180),
        coord_confidence=table.word("coord_confidence", CONFIDENCE),
        time_zone=table.time_zone(),
        aliases=table.languages("aliases"),
        near=table.languages("near"),
        presence=tuple(_read_presence(period) for period in table.tables("presence")),
        ambiguous=tuple(_read_ambiguous(entry) for entry in table.tables("ambiguous")),
        same_as=table.words("same_as"),
        notes=table.text("notes", None),
        guest=table.flag("guest", False),
    )


def _read_presence(table: Table) -> Presence:
    period = Presence(
        from_=table.day("from"),
        to=table.day("to", last=True),
        confidence=table.word("confidence", CONFIDENCE),
        source=table.text("source"),
        note=table.text("note", None),
    )
    if period.from_ and period.to and period.to < period.from_:
        table.fail("to", "lies before from")
    table.done()
    return period


def _read_ambiguous(table: Table) -> Ambiguous:
    entry = Ambiguous(
        aliases=table.words("aliases", required=True),
        langs=table.words("langs", required=True),
        also_means=table.text("also_means"),
    )
    for language in entry.langs:
        if language != "all" and not LANGUAGE.fullmatch(language):
            table.fail("langs", f"{language!r} is no language code of two or three small letters, nor 'all'")
    table.done()
    return entry


def _read_actor(table: Table, kinds: frozenset[str] = ACTOR_KINDS) -> Actor:
    return Actor(
        id=table.identifier(),
        name=table.text("name"),
        kind=table.word("kind", kinds),
        country=table.country(required=False),
        aliases=table.languages("aliases"),
        allied_with=table.words("allied_with"),
        active_from=table.day("active_from"),
        active_to=table.day("active_to", last=True),
        confidence=table.word("confidence", CONFIDENCE),
        ambiguous=table.words("ambiguous"),
        notes=table.text("notes", None),
    )


def _check_allies(files: list[Table], actors: Mapping[str, Actor]) -> None:
    for file in files:
        for table in file.tables("actor"):
            _known(table, "allied_with", actors.keys())


def _read_force(table: Table) -> tuple[str, Actor]:
    return table.word("side", SIDES), _read_actor(table, FORCE_KINDS)


def _read_sides(files: list[Table], actors: Mapping[str, Actor]) -> Sides:
    forces = _by_id(files, "force", _read_force)
    country: str | None = None
    attackers: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    formulas: dict[str, tuple[str, ...]] = {}
    for file in files:
        table = file.table("sides")
        country = table.country(required=country is None) or country
        attackers = _known(table, "attackers", {*actors, ALL}) or attackers
        others = _known(table, "others", {*actors, *forces}) or others
        table.done()
        formulas |= file.languages("claim_formulas")
    assert country is not None
    known = {**actors, **{id_: force for id_, (_, force) in forces.items()}}
    return Sides(
        country=country,
        protected={id_: force for id_, (side, force) in forces.items() if side == "protected"},
        partners={id_: force for id_, (side, force) in forces.items() if side == "partner"},
        others={id_: known[id_] for id_ in (*others, *(id_ for id_, (side, _) in forces.items() if side == "other"))},
        attackers=frozenset(actors) if ALL in attackers else frozenset(attackers),
        claim_formulas=formulas,
    )


def _known(table: Table, key: str, ids: Collection[str]) -> tuple[str, ...]:
    """The list under ``key``, each entry one of ``ids``."""
    words = table.words(key)
    for word in words:
        if word not in ids:
            near = difflib.get_close_matches(word, ids, n=1)
            table.fail(key, f"{word!r} is no known id" + (f"; did you mean {near[0]!r}?" if near else ""))
    return words
