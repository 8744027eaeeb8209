"""``basewatch outlets poll NAME``: ask one outlet now, and show what came. Writes nothing without ``--store``."""

from __future__ import annotations

import difflib
import json
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from config.outlets import Outlet, load_outlets
from config.settings import Settings
from core.clock import Clock
from core.errors import ConfigError
from core.text import cut, one_line
from crawler.counters import CrawlSummary
from crawler.reactor import run_on_reactor
from crawler.service import CrawlService, user_agent
from crawler.trial import Look, Trial
from storage.engine import open_database

_SHOWN = 160  #: characters of an article's text


def poll(
    settings: Settings, name: str, *, store: bool = False, as_json: bool = False, console: Console | None = None
) -> int:
    """Look at the outlet; 0 where a source answered with entries, else 1. Raises ConfigError and StorageError."""
    outlet = _outlet(settings, name)
    looks, summary = run_on_reactor(lambda: look_at(settings, outlet, store=store))
    if as_json:
        document = {"outlet": outlet.slug, "sources": [to_json(look) for look in looks]}
        document |= {"stored": summary.to_json()["articles"]} if summary is not None else {}
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
    else:
        show(outlet, looks, summary, console or Console(highlight=False))
    return 0 if any(look.entries for look in looks) else 1


async def look_at(
    settings: Settings, outlet: Outlet, *, store: bool, clock: Clock | None = None
) -> tuple[list[Look], CrawlSummary | None]:
    """What each source answers, and with ``store`` what was stored of it."""
    clock = clock or Clock()
    trial = Trial(settings, outlet, user_agent=user_agent(settings.contact), clock=clock)
    try:
        await trial.start()
        looks = await trial.look()
    finally:
        await trial.close()
    return looks, await _store(settings, outlet, clock) if store else None


async def _store(settings: Settings, outlet: Outlet, clock: Clock) -> CrawlSummary:
    """Read the outlet once into the database, beside a daemon if there is one; the daemon classifies what is new."""
    only = settings.model_copy(
        update={"crawler": settings.crawler.model_copy(update={"outlets_only": (outlet.slug,), "outlets_off": ()})}
    )
    with open_database(settings.database_address) as database:
        service = CrawlService(only, {outlet.slug: outlet}, database, clock)
        try:
            return await service.read_now()
        finally:
            await service.close()


def _outlet(settings: Settings, name: str) -> Outlet:
    outlets = load_outlets(settings.config_dir)
    if name not in outlets:
        near = difflib.get_close_matches(name, outlets, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "`basewatch outlets list` shows them"
        raise ConfigError(f"there is no outlet {name!r}: {hint}")
    return outlets[name]


def show(outlet: Outlet, looks: list[Look], summary: CrawlSummary | None, out: Console) -> None:
    """Print a block a source. What an outlet answered is never read as markup."""
    out.print(Text(f"{outlet.name} ({outlet.slug})", style="bold"))
    if outlet.reason_off:
        out.print(Text(f"It is off: {outlet.reason_off}"))
    for look in looks:
        role = "off" if not look.source.enabled else "spare" if look.source.spare else look.source.lang
        out.print(Text(f"\n{look.source.id} ({look.source.kind}, {role})  {look.source.url}"), soft_wrap=True)
        style = "green" if look.entries else "red"
        out.print(Text(f"  {answer_of(look)}", style=style), soft_wrap=True)
        if look.article is not None:
            for line in article_of(look):
                out.print(Text(f"  {line}"), soft_wrap=True)
    if summary is not None:
        stored = summary.to_json()["articles"]
        out.print(f"\nStored: {stored['new']} new articles, {stored['changed']} new versions.")
    elif not looks:
        out.print("None of its sources is of a kind that can be read yet.")


def answer_of(look: Look) -> str:
    """What came, in a line."""
    if look.cause != "ok":
        return f"{look.cause}: {look.message}"
    newest = f", the newest of {_minute(look.newest)}" if look.newest else ""
    old = sum(not entry.wanted for entry in look.entries)
    more = f", {old} too old to be read" if old else ""
    more += f", {look.skipped} left out" if look.skipped else ""
    seconds = f"{look.seconds:.1f} s"
    return (
        f"HTTP {look.http_status}, {look.size} bytes in {seconds}: {len(look.entries)} entries, "
        f"{look.dated} with a time{newest}{more}"
    )


def article_of(look: Look) -> list[str]:
    """What its newest article gives, line by line."""
    article = look.article
    assert article is not None
    found = [f"article  {look.article_url}"]
    if look.article_cause:
        found.append(f"page     {look.article_cause}: the source's own words stand in")
    time = _minute(article.published_at) if article.published_at else "unknown"
    found.append(f"title    {one_line(article.title)}")
    found.append(f"time     {time}{' (the day alone)' if article.date_only else ''}")
    found.append(f"text     {len(article.text.split())} words: {cut(one_line(article.text), _SHOWN)}")
    return found


def to_json(look: Look) -> dict[str, Any]:
    """The look for machines."""
    article = look.article
    return {
        "source": look.source.id,
        "kind": look.source.kind,
        "url": look.source.url,
        "enabled": look.source.enabled,
        "spare": look.source.spare,
        "cause": look.cause,
        "message": look.message or None,
        "http_status": look.http_status,
        "bytes": look.size,
        "seconds": round(look.seconds, 3),
        "entries": len(look.entries),
        "dated": look.dated,
        "skipped": look.skipped,
        "newest_at": look.newest.isoformat() if look.newest else None,
        "article": {
            "url": look.article_url,
            "page_cause": look.article_cause or None,
            "title": article.title,
            "published_at": article.published_at.isoformat() if article.published_at else None,
            "date_only": article.date_only,
            "words": len(article.text.split()),
            "text": cut(one_line(article.text), _SHOWN),
        }
        if article is not None
        else None,
    }


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
