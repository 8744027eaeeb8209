"""``basewatch outlets poll NAME``: ask one outlet now, and show what came. Writes nothing without ``--store``."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.text import Text

from basewatch.commands.registry import find
from config.outlets import Outlet, load_outlets
from config.settings import Settings
from core.clock import Clock, utc_now
from core.text import cut, one_line
from crawler.counters import CrawlSummary
from crawler.reactor import run_on_reactor
from crawler.service import CrawlService, user_agent
from crawler.trial import Look, Trial
from storage.engine import open_database

_SHOWN = 160  #: characters of an article's text
_STORED = {"new": ("new article", "new articles"), "changed": ("new version", "new versions")}
#: what to do, by kind of source ("": any) and cause
HINTS = {
    ("feed", "blocked_page"): 'If people read this page in a browser, it is a listing: kind = "listing". Else a wall '
    "stands here: give another source.",
    ("feed", "bad_xml"): "Look at it in a browser: is it a feed at all? docs/outlets.md lists the other kinds.",
    ("feed", "empty_feed"): "The feed is there and holds nothing: is it the right section?",
    ("sitemap", "bad_xml"): "This is no sitemap: robots.txt of the site often names the right one.",
    ("listing", "empty_feed"): "Look at article_url and its examples, or give links: a CSS selector of the links.",
    ("wordpress", "http_404"): "The site does not offer its posts at this address: try its feed, or a listing.",
    ("telegram", "empty_feed"): "Open it in a browser: a channel without a preview shows no post there either.",
    ("", "http_403"): "It refuses this machine, or programs as such: it may work from another line, or give another "
    "source.",
    ("", "http_404"): "Look at the address in a browser.",
    ("", "robots"): "Basewatch obeys: give another source of this outlet, such as its Telegram channel.",
    ("", "dns"): "There is no such host: look at the spelling.",
}


def poll(
    settings: Settings, name: str, *, store: bool = False, as_json: bool = False, console: Console | None = None
) -> int:
    """Look at the outlet; 0 where a source answered with entries, else 1. Raises ConfigError and StorageError."""
    outlet = find(load_outlets(settings.config_dir), name)
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
        if hint := hint_of(look, outlet):
            out.print(Text(f"  {hint}"), soft_wrap=True)
        if look.article is not None:
            for line in article_of(look):
                out.print(Text(f"  {line}"), soft_wrap=True)
    if summary is not None:
        stored = summary.to_json()["articles"]
        new, changed = (counted(stored[key], *words) for key, words in _STORED.items())
        out.print(f"\nStored: {new}, {changed}.")
    if any(look.entries and not look.source.confidence.startswith("W") for look in looks):
        said = f'What answered may bear from now on: confidence = "W(poll)" and checked = "{utc_now().date()}".'
        out.print(Text(f"\n{said}"), soft_wrap=True)
    if not looks:
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
        f"HTTP {look.http_status}, {look.size} bytes in {seconds}: {counted(len(look.entries), 'entry', 'entries')}, "
        f"{look.dated} with a time{newest}{more}"
    )


def hint_of(look: Look, outlet: Outlet) -> str:
    """What to do about an answer that brought nothing, or that article_url does not fit; "" where all is well."""
    if look.cause != "ok":
        return HINTS.get((look.source.kind, look.cause), HINTS.get(("", look.cause), ""))
    strange = [entry.raw_url for entry in look.entries if not outlet.is_article(entry.raw_url) and not entry.whole]
    if strange:
        return f"article_url does not fit {len(strange)} of {len(look.entries)} addresses, such as {strange[0]}"
    return ""


def article_of(look: Look) -> list[str]:
    """What its newest article gives, line by line."""
    article = look.article
    assert article is not None
    found = [f"article  {look.article_url}"]
    if look.article_cause:
        found.append(f"page     {look.article_cause}: the source's own words stand in")
    if look.missed:
        found.append(f"selectors {', '.join(look.missed)} found nothing on the page: the general way was taken")
    if look.posts:
        found.append(f"live     {counted(look.posts, 'post', 'posts')}, each stored as an article of its own")
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
        "fit_article_url": look.fitting,
        "newest_at": look.newest.isoformat() if look.newest else None,
        "article": {
            "url": look.article_url,
            "page_cause": look.article_cause or None,
            "selectors_missed": list(look.missed),
            "live_posts": look.posts,
            "title": article.title,
            "published_at": article.published_at.isoformat() if article.published_at else None,
            "date_only": article.date_only,
            "words": len(article.text.split()),
            "text": cut(one_line(article.text), _SHOWN),
        }
        if article is not None
        else None,
    }


def counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
