"""``basewatch outlets list`` and ``show``: what is known of outlets before anything is asked."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from config.outlets import Outlet, Source, load_outlets, select_outlets
from config.settings import Settings
from core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which outlets to list."""

    country: str | None = None
    off: bool = False
    untried: bool = False

    def takes(self, outlet: Outlet, *, is_read: bool) -> bool:
        if self.country is not None and outlet.country != self.country:
            return False
        if self.off and is_read:
            return False
        return not self.untried or (is_read and any(is_untried(source) for source in outlet.live_sources))


def list_outlets(
    settings: Settings, wanted: Wanted | None = None, *, as_json: bool = False, console: Console | None = None
) -> None:
    """Print the outlets that Basewatch knows, whether each is read, and why not. Raises ConfigError."""
    outlets = load_outlets(settings.config_dir)
    chosen = select_outlets(outlets, settings.crawler)
    wanted = wanted or Wanted()
    shown = [outlet for outlet in outlets.values() if wanted.takes(outlet, is_read=outlet.slug in chosen)]
    if as_json:
        document = [document_of(outlet, is_read=outlet.slug in chosen) for outlet in shown]
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    if shown:
        out.print(_table(shown, chosen))
    _print_off([outlet for outlet in shown if outlet.slug not in chosen], out)
    out.print(f"{len(chosen)} of {len(outlets)} outlets are read. One of them: `basewatch outlets show SLUG`.")


def show_outlet(settings: Settings, name: str, *, as_json: bool = False, console: Console | None = None) -> None:
    """Print all that the registry holds of one outlet. Raises InputError where there is none of that name."""
    outlets = load_outlets(settings.config_dir)
    outlet = find(outlets, name)
    is_read = outlet.slug in select_outlets(outlets, settings.crawler)
    if as_json:
        print(json.dumps(document_of(outlet, is_read=is_read), ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    out.print(Text(f"{outlet.name} ({outlet.slug})", style="bold"))
    for label, value in _facts(outlet, is_read=is_read):
        if value:
            out.print(Text(f"  {label:<11} {value}"), soft_wrap=True)
    for number, source in enumerate(outlet.sources, start=1):
        out.print(Text(f"\n{number}. {source.id} ({source.kind}, {source.lang}{_role(source)})"), soft_wrap=True)
        out.print(Text(f"   {source.url}"), soft_wrap=True)
        seen = f", evidence of {source.checked:%d %B %Y}" if source.checked else ", untried" * is_untried(source)
        lies = f"; times: {source.feed_time}" if source.feed_time != "as-labelled" else ""
        out.print(Text(f"   {source.confidence}{seen}{lies}"), soft_wrap=True)
        if source.note:
            out.print(Text(f"   {source.note}"), soft_wrap=True)


def find(outlets: Mapping[str, Outlet], name: str) -> Outlet:
    """The outlet of this slug or name. Raises InputError that says which come near."""
    by_name = {outlet.name.casefold(): outlet for outlet in outlets.values()}
    outlet = outlets.get(name) or by_name.get(name.casefold())
    if outlet is None:
        near = difflib.get_close_matches(name.lower(), outlets, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`basewatch outlets list` shows them"
        raise InputError(f"there is no outlet {name!r}: {hint}")
    return outlet


def is_untried(source: Source) -> bool:
    """Whether nobody is known to have seen this source answer."""
    return not source.confidence.startswith("W")


def document_of(outlet: Outlet, *, is_read: bool) -> dict[str, Any]:
    """The outlet for machines."""
    return {
        "slug": outlet.slug,
        "name": outlet.name,
        "family": outlet.family,
        "leaning": outlet.leaning,
        "languages": list(outlet.languages),
        "country": outlet.country,
        "time_zone": outlet.time_zone,
        "home": outlet.home,
        "first_mover": outlet.first_mover,
        "read": is_read,
        "why_not": _why_not(outlet, is_read=is_read) or None,
        "obstacle": outlet.obstacle,
        "notes": outlet.notes,
        "article_url": outlet.article_url.pattern if outlet.article_url else None,
        "selectors": dict(outlet.selectors),
        "sources": [
            {
                "id": source.id,
                "kind": source.kind,
                "url": source.url,
                "lang": source.lang,
                "spare": source.spare,
                "confidence": source.confidence,
                "checked": source.checked.isoformat() if source.checked else None,
                "feed_time": source.feed_time,
                "note": source.note,
                "read": is_read and source in outlet.live_sources,
            }
            for source in outlet.sources
        ],
    }


def _table(shown: Iterable[Outlet], chosen: Mapping[str, Outlet]) -> Table:
    """A line an outlet, fit for 80 columns; first movers have a star."""
    table = Table(box=SIMPLE_HEAD, padding=0, pad_edge=False, caption="* a first mover, asked every minute")
    for name in ("", "outlet", "languages", "read"):
        table.add_column(name, no_wrap=True)
    table.add_column("sources (+ spares)")
    for outlet in sorted(shown, key=lambda one: (one.country, one.slug not in chosen)):
        is_read = outlet.slug in chosen
        slug = Text(f"{outlet.slug}{'*' * outlet.first_mover}", style="" if is_read else "dim")
        read = Text("yes", style="green") if is_read else Text("no", style="dim")
        table.add_row(outlet.country, slug, " ".join(outlet.languages), read, _sources(outlet) if is_read else "")
    return table


def _sources(outlet: Outlet) -> str:
    """``feed 3 +1, telegram``."""
    first = Counter(source.kind for source in outlet.live_sources if not source.spare)
    spare = Counter(source.kind for source in outlet.live_sources if source.spare)
    parts = []
    for kind in dict.fromkeys(source.kind for source in outlet.live_sources):
        number = f" {first[kind]}" if first[kind] > 1 else ""
        parts.append(f"{kind}{number} +{spare[kind]}" if spare[kind] and first[kind] else
                     f"+{kind}" if spare[kind] else f"{kind}{number}")  # fmt: skip
    return ", ".join(parts)


def _print_off(off: Iterable[Outlet], out: Console) -> None:
    """Why outlets are not read: each reason once, with those that share it."""
    reasons: dict[str, list[str]] = {}
    for outlet in off:
        reasons.setdefault(_why_not(outlet, is_read=False), []).append(outlet.slug)
    for reason, slugs in reasons.items():
        out.print(Text.assemble((", ".join(slugs), "bold"), f": {reason}"))
    if reasons:
        out.print()


def _facts(outlet: Outlet, *, is_read: bool) -> list[tuple[str, str]]:
    return [
        ("read", "yes" if is_read else f"no: {_why_not(outlet, is_read=False)}"),
        ("family", outlet.family if outlet.family != outlet.slug else ""),
        ("leaning", f"{outlet.leaning} (common knowledge, no finding of fact)"),
        ("where", f"{outlet.country}, {outlet.time_zone}"),
        ("languages", " ".join(outlet.languages)),
        ("home", outlet.home or "none known"),
        ("rhythm", "a first mover: asked every minute" if outlet.first_mover else ""),
        ("obstacle", outlet.obstacle or ""),
        ("article_url", outlet.article_url.pattern if outlet.article_url else ""),
        ("url_date", outlet.url_date.pattern if outlet.url_date else ""),
        ("selectors", ", ".join(f"{name}: {selector}" for name, selector in sorted(outlet.selectors.items()))),
        ("notes", outlet.notes or ""),
        ("file", str(outlet.file)),
    ]


def _role(source: Source) -> str:
    return ", off" if not source.enabled else ", spare" if source.spare else ""


def _why_not(outlet: Outlet, *, is_read: bool) -> str:
    if is_read:
        return ""
    return outlet.reason_off or "left out by crawler.outlets_only or crawler.outlets_off"
