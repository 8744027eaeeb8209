"""What the operator hears of single sources: trouble once, with its cause, and its end; many at once in one notice.

Pure decisions beside one look at the database; the daemon asks every few minutes. What was told is kept in the database
(``source_habits``), in the transaction that writes the notice: a restart neither repeats nor forgets it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.system import Params, write_system_notice
from core.documents import Param
from core.values import TextReason
from crawler.health import Condition, Health, health
from storage import habits, sources
from storage.habits import Habits
from storage.values import SourceState

TOLD_AFTER = timedelta(hours=1)  #: of failing: most troubles of outlets end before
_TOLD_AFTER_FAILURES = 3
AGAIN_AFTER = timedelta(days=1)  #: a source that goes from one trouble to another is told of once a day at most
WELL_FOR = timedelta(minutes=10)  #: before its recovery is told
TOGETHER = timedelta(minutes=15)  #: between two notices: what comes in between waits, and is told together
_MOST_LINES = 20  #: sources named in one notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Patient:
    """One source with all that is known of it."""

    state: SourceState
    habits: Habits
    health: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is to be told."""

    troubled: tuple[Patient, ...] = ()
    recovered: tuple[Patient, ...] = ()


def news_of(patients: Sequence[Patient], now: datetime, *, heard_since: datetime, is_cut_off: bool = False) -> News:
    """What changed and should be told now.

    ``heard_since``: we have been able to hear since then; a failure of before says nothing of the outlet.
    ``is_cut_off``: this machine's network fails, which is told elsewhere, once, for all: failing polls are no news.
    """
    last_told = max((one.habits.told_at for one in patients if one.habits.told_at is not None), default=None)
    if last_told is not None and now - TOGETHER < last_told <= now:
        return News()
    return News(
        troubled=tuple(one for one in patients if _is_trouble(one, now, heard_since) and not is_cut_off),
        recovered=tuple(one for one in patients if _is_recovery(one, now)),
    )


def _is_trouble(one: Patient, now: datetime, heard_since: datetime) -> bool:
    state, condition = one.state, one.health.condition
    if one.health.is_well or one.habits.told == condition:
        return False
    if one.habits.told is not None and one.habits.told_at is not None and now - one.habits.told_at < AGAIN_AFTER:
        return False
    if not state.failures:
        return True
    lasts = state.failing_since is not None and now - state.failing_since >= TOLD_AFTER
    is_fresh = state.last_poll_at is not None and state.last_poll_at >= heard_since
    return lasts and is_fresh and state.failures >= _TOLD_AFTER_FAILURES


def _is_recovery(one: Patient, now: datetime) -> bool:
    if one.habits.told is None or one.health.condition is not Condition.OK:
        return False
    return one.state.watching_since is not None and now - one.state.watching_since >= WELL_FOR


def news_text(news: News, now: datetime) -> str:
    """What the operator reads; its first line says how many."""
    parts = []
    if news.troubled:
        count = len(news.troubled)
        parts.append(f"{count} {'source needs' if count == 1 else 'sources need'} a look:")
        parts += _lines([f"{one.state.source_id} {trouble(one, now)}" for one in news.troubled])
        parts.append("See: basewatch outlets health --failing")
    if news.recovered:
        count = len(news.recovered)
        parts.append(f"{count} {'source works' if count == 1 else 'sources work'} again:")
        parts += _lines([one.state.source_id for one in news.recovered])
    return "\n".join(parts)


def news_params(news: News) -> Params:
    """What the text was made of."""
    more = {"more": len(news.troubled) - _MOST_LINES, "well_more": len(news.recovered) - _MOST_LINES}
    trouble: list[dict[str, Param]] = [_entry(one) for one in news.troubled[:_MOST_LINES]]
    well: list[dict[str, Param]] = [
        {"say": "source-well", "source": one.state.source_id} for one in news.recovered[:_MOST_LINES]
    ]
    lists = {"trouble": trouble} if trouble else {}
    return {
        "sources": len(news.troubled or news.recovered),
        **lists,
        **({"well": well, "well_sources": len(news.recovered)} if well else {}),
        **{name: count for name, count in more.items() if count > 0},
    }


def _entry(one: Patient) -> dict[str, Param]:
    """The condition of a source, as a line of ``config/told.py``."""
    found, source = one.health, {"source": one.state.source_id}
    since = found.since.isoformat() if found.since is not None else None
    where, _, cause = (found.cause or "").rpartition(":")
    if found.condition is Condition.LAYOUT:
        return {"say": "source-layout", **source, "fields": cause}
    if found.condition is Condition.QUIET and since is not None:
        return {"say": "source-quiet", **source, "since": since, "expected": round(found.expected_since_newest)}
    word = "blocked" if found.condition is Condition.BLOCKED else "failing"
    if since is not None and not where:
        return {"say": f"source-{word}", **source, "since": since, "why": cause or "?"}
    return {"say": f"pages-{word}" if where else f"source-{word}-now", **source, "why": cause or "?"}


def trouble(one: Patient, now: datetime) -> str:
    """The condition of a source in words, with its cause."""
    state, found = one.state, one.health
    since = f" since {found.since:%Y-%m-%d %H:%M} UTC" if found.since is not None else ""
    match found.condition:
        case Condition.QUIET:
            return f"is quiet: nothing new{since}, where about {found.expected_since_newest:.0f} entries usually come"
        case Condition.LAYOUT:
            fields = (found.cause or "").partition(":")[2].replace(",", ", ")
            return f"changed its layout: its pages give no {fields} any more"
        case Condition.BLOCKED | Condition.FAILING:
            word = "is blocked" if found.condition is Condition.BLOCKED else "fails"
            where, _, cause = (found.cause or "").rpartition(":")
            about = f"most of its pages: {cause}" if where else f"{state.message or cause}"
            return f"{word}{since}: {about}"
        case Condition.STANDBY:
            return "stands by: it is a spare, read when those before it fail or are quiet"
        case Condition.NEW:
            return "was not polled yet"
        case _:
            return "is well"


def _lines(names: Sequence[str]) -> list[str]:
    shown = [f"- {name}" for name in names[:_MOST_LINES]]
    return shown + ([f"- and {len(names) - _MOST_LINES} more"] if len(names) > _MOST_LINES else [])


def patients(states: Sequence[SourceState], known: Mapping[str, Habits], now: datetime) -> list[Patient]:
    """Each source with its habits and its health."""
    found = []
    for state in states:
        ways = known.get(state.source_id) or Habits()
        found.append(Patient(state=state, habits=ways, health=health(state, ways, now)))
    return found


def look(session: Session, now: datetime, *, heard_since: datetime, is_cut_off: bool) -> News:
    """What is to be told now of the enabled sources."""
    everyone = patients(sources.source_states(session), habits.all_habits(session), now)
    return news_of(everyone, now, heard_since=heard_since, is_cut_off=is_cut_off)


def tell(session: Session, news: News, channels: Sequence[str], now: datetime) -> str:
    """Write the notice and what was told, in one transaction; the text."""
    text = news_text(news, now)
    reason = TextReason.OUTLET_TROUBLE if news.troubled else TextReason.OUTLET_RECOVERY
    write_system_notice(session, reason, text, channels, now, params=news_params(news))
    for one in news.troubled:
        habits.tell(session, [one.state.source_id], one.health.condition.value, one.health.cause, now)
    habits.tell(session, [one.state.source_id for one in news.recovered], None, None, now)
    return text
