"""The outlets: publishers with their sources, as data. Adding one takes no Python, see docs/outlets.md.

``load_outlets`` reads ``outlets/*.toml``, the shipped ones first and then the operator's, which win by slug, and raises
ConfigError naming file, key and reason.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

import cssselect

from config.data import overlay, read_toml
from config.furniture import Furniture, check_line, load_furniture, shipped
from config.settings import CrawlerSettings
from config.table import ID, LANGUAGE, Table
from core.errors import ConfigError

#: every kind of source that may be listed; the crawler reads those of READ_TODAY, the others wait for their reader
KINDS = frozenset({"feed", "sitemap", "listing", "wordpress", "telegram", "search", "json"})
READ_TODAY = KINDS - {"json"}
FOREIGN_GROUND = frozenset({"telegram", "search"})  #: kinds whose host belongs to somebody else
FEED_TIMES = frozenset({"as-labelled", "local-as-utc", "none"})
SELECTORS = frozenset({"title", "body", "time", "author"})
LEANINGS = frozenset(
    {"independent", "private", "state", "state-linked", "party", "armed-group", "opposition", "official", "unknown"}
)
# W seen working (poll: with `basewatch outlets poll`),
# C stated by n files, S one file, I inferred, G general knowledge, X seen failing; docs/outlets.md
CONFIDENCE = re.compile(
    r"(?:W\((?:A\d+|poll)(?:,(?:A\d+|poll))*\)|C\d+|S|I|G)(?:; X\(A\d+(?:,A\d+)*\))?|X\(A\d+(?:,A\d+)*\)",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One place where an outlet lists what it publishes."""

    id: str  #: unique and permanent: poll state is kept under it
    outlet: str  #: slug
    kind: str  #: one of KINDS
    url: str
    lang: str  #: what the outlet calls the language; a hint
    enabled: bool
    confidence: str  #: the mark of docs/outlets.md: how the address is known
    checked: date | None  #: day of the newest evidence behind the mark; None: nobody is known to have tried it
    interval_s: float | None  #: its own time between polls; None: the crawler's
    feed_time: str  #: "as-labelled", "local-as-utc" (the outlet's clock under a false label) or "none"
    note: str | None
    spare: bool = False  #: read only while those before it, of its language, fail or are quiet
    links: str | None = None  #: of a listing: CSS selector of its links; None: those that article_url finds


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """A publisher."""

    slug: str
    name: str
    family: str  #: outlets of one owner are one voice
    leaning: str  #: one of LEANINGS; common knowledge, no finding of fact
    languages: tuple[str, ...]
    country: str  #: ISO 3166 alpha-2
    time_zone: str  #: IANA name of its newsroom's clock
    home: str | None  #: None where no present address is known
    enabled: bool
    reason_off: str | None  #: why it is off; set whenever it is
    obstacle: str | None  #: what is known to get in the way
    first_mover: bool  #: often first with news of attacks
    sources: tuple[Source, ...]  #: in order of preference
    article_url: re.Pattern[str] | None  #: what an article's address looks like; searched, so patterns are anchored
    url_date: re.Pattern[str] | None  #: finds groups year, month and day in an article's address
    dateline: re.Pattern[str] | None  #: the words before the first sentence; the city in them is no place of an event
    selectors: Mapping[str, str]  #: title, body, time -> CSS or XPath
    examples: tuple[str, ...]  #: addresses that article_url finds
    counter_examples: tuple[str, ...]  #: addresses of the same site that it does not
    notes: str | None
    file: Path  #: where it is described
    furniture: Furniture = field(default_factory=shipped, repr=False)  #: lines of its pages that are no text

    @property
    def domains(self) -> frozenset[str]:
        """The hosts that are known to be its own, without "www.": of its home and of its sources on its own ground."""
        urls = (self.home or "", *(source.url for source in self.sources if source.kind not in FOREIGN_GROUND))
        hosts = ((urlsplit(url).hostname or "").removeprefix("www.") for url in urls)
        return frozenset(host for host in hosts if host and host != "t.me")

    @property
    def live_sources(self) -> tuple[Source, ...]:
        """The sources that are read: none where the outlet is off."""
        return tuple(source for source in self.sources if source.enabled) if self.enabled else ()

    def is_article(self, url: str) -> bool:
        """Whether the address looks like one of its articles; True where no pattern says."""
        return self.article_url is None or self.article_url.search(url) is not None

    def date_in(self, url: str) -> date | None:
        """The day that the address names; None where it names none."""
        match = self.url_date.search(url) if self.url_date else None
        if match is None:
            return None
        try:
            return date(*(int(match[part]) for part in ("year", "month", "day")))
        except ValueError:
            return None


def load_outlets(config_dir: Path | None = None) -> dict[str, Outlet]:
    """Every outlet by slug, off ones included, in order of files and of entries; the operator's win.

    Raises ConfigError for a double slug or source id, an unknown kind, country, language, time zone or confidence
    mark, a pattern that does not compile, an outlet that is off without a reason, and an unknown key.
    """
    outlets: dict[str, Outlet] = {}
    furniture = load_furniture(config_dir)
    for path in overlay(config_dir, "outlets"):
        file = Table(read_toml(path), path)
        here: set[str] = set()
        for table in file.tables("outlet"):
            outlet = _read_outlet(table, furniture)
            if outlet.slug in here:
                table.fail("slug", f"{outlet.slug!r} stands twice in this file")
            here.add(outlet.slug)
            outlets[outlet.slug] = outlet
        file.done()
    _refuse_double_sources(outlets.values())
    return outlets


def select_outlets(outlets: Mapping[str, Outlet], crawler: CrawlerSettings) -> dict[str, Outlet]:
    """The outlets to read: those that are on, narrowed by ``outlets_only`` and ``outlets_off``.

    Raises ConfigError for a slug that no outlet has.
    """
    for key, slugs in (("outlets_only", crawler.outlets_only), ("outlets_off", crawler.outlets_off)):
        for slug in slugs:
            if slug not in outlets:
                near = difflib.get_close_matches(slug, outlets, n=1)
                hint = f"; did you mean {near[0]!r}?" if near else ": `basewatch outlets list` shows them"
                raise ConfigError(f"there is no outlet {slug!r}{hint}", key=f"crawler.{key}")
    return {
        slug: outlet
        for slug, outlet in outlets.items()
        if outlet.enabled
        and slug not in crawler.outlets_off
        and (not crawler.outlets_only or slug in crawler.outlets_only)
    }


def _read_outlet(table: Table, furniture: Furniture) -> Outlet:
    slug, country = table.identifier("slug"), table.country()
    assert country is not None
    enabled, reason_off = table.flag("enabled", True), table.text("reason_off", None)
    feed_time = table.word("feed_time", FEED_TIMES, "as-labelled")
    outlet = Outlet(
        slug=slug,
        name=table.text("name"),
        family=table.text("family", slug),
        leaning=table.word("leaning", LEANINGS),
        languages=_languages(table),
        country=country,
        time_zone=table.time_zone(),
        home=_url(table, "home") if "home" in table else None,
        enabled=enabled,
        reason_off=reason_off,
        obstacle=table.text("obstacle", None),
        first_mover=table.flag("first_mover", False),
        sources=tuple(_read_source(source, slug, feed_time) for source in table.tables("source")),
        article_url=_pattern(table, "article_url"),
        url_date=_pattern(table, "url_date", groups=frozenset({"year", "month", "day"})),
        dateline=_pattern(table, "dateline"),
        selectors=_selectors(table),
        examples=table.words("examples"),
        counter_examples=table.words("counter_examples"),
        notes=table.text("notes", None),
        file=table.file,
        furniture=_with_own(furniture, table),
    )
    table.get("home")
    table.done()
    if not enabled and reason_off is None:
        table.fail("reason_off", "is required where enabled is false: say why, in one sentence")
    if enabled and reason_off is not None:
        table.fail("reason_off", "stands beside an outlet that is on: set enabled = false, or move it to notes")
    if enabled and not outlet.live_sources:
        table.fail("source", "has none that is enabled: add one, or set enabled = false with a reason_off")
    for number, source in enumerate(outlet.sources, start=1):
        if source.kind == "listing" and source.enabled and outlet.article_url is None and source.links is None:
            table.fail(f"source[{number}].links", "is required for a listing where the outlet has no article_url")
    return outlet


def _with_own(furniture: Furniture, table: Table) -> Furniture:
    own = table.words("furniture")
    if reason := next((reason for line in own if (reason := check_line(line))), None):
        table.fail("furniture", reason)
    return furniture.with_lines(own) if own else furniture


def _read_source(table: Table, slug: str, feed_time: str) -> Source:
    kind, lang = table.word("kind", KINDS), table.text("lang")
    if not LANGUAGE.fullmatch(lang):
        table.fail("lang", f"{lang!r} is no language code of two or three small letters")
    default_id = f"{slug}-{lang}" if kind == "feed" else f"{slug}-{lang}-{kind}"
    identifier = table.text("id", default_id)
    if not ID.fullmatch(identifier):
        table.fail("id", f"{identifier!r} must be small letters, digits and single hyphens")
    enabled = table.flag("enabled", kind in READ_TODAY)
    if enabled and kind not in READ_TODAY:
        table.fail("enabled", f"the crawler does not read sources of kind {kind!r} yet: leave it off")
    confidence = table.text("confidence")
    if not CONFIDENCE.fullmatch(confidence):
        table.fail("confidence", f"{confidence!r} is no mark such as W(A2), C4, S, I, G or X(A3): see docs/outlets.md")
    source = Source(
        id=identifier,
        outlet=slug,
        kind=kind,
        url=_url(table, "url"),
        lang=lang,
        enabled=enabled,
        confidence=confidence,
        checked=table.day("checked"),
        interval_s=table.number("interval_s", 10, 86_400) if "interval_s" in table else None,
        feed_time=table.word("feed_time", FEED_TIMES, feed_time if kind == "feed" else "as-labelled"),
        note=table.text("note", None),
        spare=table.flag("spare", False),
        links=_links(table, kind),
    )
    table.get("interval_s")
    table.done()
    return source


def _links(table: Table, kind: str) -> str | None:
    selector = table.text("links", None)
    if selector is None:
        return None
    if kind != "listing":
        table.fail("links", "stands beside a source that is no listing")
    try:
        cssselect.parse(selector)
    except cssselect.SelectorError as error:
        table.fail("links", f"is no CSS selector: {error}")
    return selector


def _languages(table: Table) -> tuple[str, ...]:
    languages = table.words("languages", required=True)
    for language in languages:
        if not LANGUAGE.fullmatch(language):
            table.fail("languages", f"{language!r} is no language code of two or three small letters")
    return languages


def _url(table: Table, key: str) -> str:
    url = table.text(key)
    try:
        parts = urlsplit(url)
        readable = parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)
    except ValueError:
        readable = False
    if not readable:
        table.fail(key, "must be an address that starts with https:// or http:// and holds no space")
    return url


def _pattern(table: Table, key: str, *, groups: frozenset[str] = frozenset()) -> re.Pattern[str] | None:
    text = table.text(key, None)
    if text is None:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        table.fail(key, f"is no regular expression: {error}")
    if not groups <= pattern.groupindex.keys():
        table.fail(key, f"needs the named groups {', '.join(sorted(groups))}, such as (?P<year>\\d{{4}})")
    return pattern


def _selectors(table: Table) -> dict[str, str]:
    selectors = table.table("selectors")
    found = {name: selectors.text(name) for name in SELECTORS if name in selectors}
    for name in SELECTORS:
        selectors.get(name)
    selectors.done()
    return found


def _refuse_double_sources(outlets: Iterable[Outlet]) -> None:
    seen: dict[str, Outlet] = {}
    for outlet in outlets:
        for source in outlet.sources:
            other = seen.setdefault(source.id, outlet)
            if other is not outlet or sum(one.id == source.id for one in outlet.sources) > 1:
                raise ConfigError(
                    f"the source id {source.id!r} is used twice: give each of them an id of its own",
                    file=outlet.file,
                    key=f"outlet[{outlet.slug}].source",
                )
