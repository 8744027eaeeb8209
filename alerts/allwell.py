"""Once a day, at a set hour, the operator hears that all is well, or what is not: silence is never good news."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.phrases import ago
from alerts.routes.hours import next_at
from alerts.routes.operators import operators
from alerts.system import Params, write_system_notice
from config.settings import Settings
from core.documents import Param
from core.values import NoticeKind, TextReason
from storage import deliveries, notices, silences
from storage.housekeeping import Counts, counts
from storage.meta import get_meta, set_meta

NEXT_KEY = "all_well_next_at"  #: in storage.meta: when the next one is due
CANARY_KEY = "last_canary_at"  #: in storage.meta: when a synthetic alert last passed through
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What there is to say of the last 24 hours."""

    now: datetime
    counts: Counts
    incidents_told: int
    notices: int
    rings: int
    unrouted: int  #: notices of incidents that went to nobody
    paused: tuple[str, ...]
    silences: int
    last_canary_at: datetime | None


def is_due(session: Session, settings: Settings, now: datetime) -> bool:
    """Whether the daily word is due, or its first time is not yet set."""
    if not settings.delivery.all_well:
        return False
    planned = _planned(session)
    # One further than the next such hour can be was planned by a clock that has been set back since.
    return planned is None or planned <= now or planned > now + 2 * DAY


def tell_daily(session: Session, settings: Settings, now: datetime) -> bool:
    """Tell how the day was, if it is time; the next one is planned in the same transaction. Safe to call twice."""
    if not is_due(session, settings, now):
        return False
    is_first = _planned(session) is None  # a new database: there is no day to speak of yet
    set_meta(session, NEXT_KEY, next_at(settings.delivery.digest_at, settings.delivery.time_zone, now).isoformat())
    if is_first:
        return False
    day = look_back(session, now)
    text = "\n".join(lines(day))
    return write_system_notice(session, TextReason.ALL_WELL, text, operators(settings), now, params=params_of(day))


def _planned(session: Session) -> datetime | None:
    kept = get_meta(session, NEXT_KEY)
    return datetime.fromisoformat(kept) if kept else None


def look_back(session: Session, now: datetime) -> Day:
    """The last 24 hours, as the database knows them."""
    told = [one for one in notices.notices_since(session, now - DAY) if one.incident_id is not None]
    canary = get_meta(session, CANARY_KEY)
    return Day(
        now=now,
        counts=counts(session, now),
        incidents_told=len({one.incident_id for one in told if one.kind is NoticeKind.NEW}),
        notices=len(told),
        rings=sum(one.ring for one in told),
        unrouted=notices.without_delivery(session, now - DAY),
        paused=tuple(held.channel for held in deliveries.paused_channels(session)),
        silences=len(silences.holding(session, now)),
        last_canary_at=datetime.fromisoformat(canary) if canary else None,
    )


def lines(day: Day) -> Iterator[str]:
    """The message: its first line says whether all is well."""
    trouble = [said for said, _ in troubles(day)]
    counted = f"{day.counts.articles_last_24h} articles, {_many(day.incidents_told, 'new incident')} in 24 h"
    if trouble:
        yield f"Running, but not all is well: {trouble[0]}; {counted}"
        yield from (f"Not well: {one}." for one in trouble[1:])
    else:
        yield f"All well: {counted}"
    yield f"{_many(day.notices, 'notice')} told, {day.rings} of them ringing."
    yield f"Last article: {_ago(day.counts.last_article_at, day.now)}."
    yield f"Last answer of an outlet: {_ago(day.counts.last_poll_ok_at, day.now)}."
    if day.last_canary_at is not None:
        yield f"Last synthetic test passed: {_ago(day.last_canary_at, day.now)}."
    working, failing = day.counts.sources.get("ok", 0), day.counts.sources.get("failing", 0)
    yield f"Sources: {working} answer, {failing} fail. `basewatch outlets health` says which."
    waiting = day.counts.deliveries["pending"] + day.counts.deliveries["sending"]
    yield f"Deliveries: {waiting} waiting, {day.counts.deliveries['held']} held back."
    if day.silences:
        yield f"Silences in force: {day.silences}. `basewatch silence list` shows them."


def params_of(day: Day) -> Params:
    """What the message was made of."""
    waiting = day.counts.deliveries["pending"] + day.counts.deliveries["sending"]
    instants = {
        "article_ago": day.counts.last_article_at, "answer_ago": day.counts.last_poll_ok_at,
        "canary_ago": day.last_canary_at,
    }  # fmt: skip
    trouble = [known for _, known in troubles(day)]
    return {
        "say": "not-well" if trouble else "all-well",
        "articles": day.counts.articles_last_24h,
        "attacks": day.incidents_told,
        "notices": day.notices,
        "rings": day.rings,
        "answering": day.counts.sources.get("ok", 0),
        "failing": day.counts.sources.get("failing", 0),
        "waiting": waiting,
        "held": day.counts.deliveries["held"],
        "trouble": trouble,
        **{name: instant.isoformat() for name, instant in instants.items() if instant is not None},
        **({"silences": day.silences} if day.silences else {}),
    }


def troubles(day: Day) -> Iterator[tuple[str, dict[str, Param]]]:
    """What the operator should look at, the gravest first: in English, and as a line of ``config/told.py``."""
    if day.counts.last_article_at is None or day.now - day.counts.last_article_at > DAY:
        yield "no article in 24 h", {"say": "no-article"}
    if day.paused:
        names = ", ".join(day.paused)
        yield f"paused: {names}", {"say": "paused", "channels": names}
    if dead := day.counts.deliveries["dead"]:
        yield f"{dead} given up (deliveries list --state dead)", {"say": "given-up", "given_up": dead}
    if day.counts.parked:
        known: dict[str, Param] = {"say": "unclassified", "unclassified": day.counts.parked}
        yield f"{_many(day.counts.parked, 'article')} could not be classified", known
    if day.unrouted:
        known = {"say": "unrouted", "unrouted": day.unrouted}
        yield f"{_many(day.unrouted, 'notice')} went to nobody: no rule fits (routes try)", known
    if day.last_canary_at is not None and day.now - day.last_canary_at > DAY:
        yield "no synthetic test has passed in 24 h", {"say": "no-canary"}


def _ago(instant: datetime | None, now: datetime) -> str:
    return "never" if instant is None else ago(instant, now) or "now"


def _many(count: int, what: str) -> str:
    return f"{count} {what}" + ("" if count == 1 else "s")
