"""Whether Basewatch can hear at all: told when no outlet answers, or under half of them, and again when they do.

Pure rule; ``basewatch/chores.py`` looks at the database for it. What single sources do: ``basewatch/outlet_news.py``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.counters import CrawlSummary
from storage.values import SourceState

#: causes that mean "the network here", not "that outlet" (crawler/outcomes.py)
NETWORK_CAUSES = frozenset({"dns", "refused", "unreachable", "timeout", "robots_unreachable"})
DEAF_NOTICE_AFTER = timedelta(minutes=30)  #: a channel is told only when it lasts: a router restarts within minutes


class Hearing(StrEnum):
    """What the sources say together."""

    UNKNOWN = "unknown"  #: nothing was polled yet
    FINE = "fine"
    HALF = "half"  #: under half of the outlets answer
    DEAF = "deaf"  #: every source polled fails


_ENOUGH_OUTLETS = 4  #: of fewer, one or two that fail are told by name


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many sources answer."""

    hearing: Hearing
    polled: int  #: sources
    failing: int
    outlets: int  #: with a source that was polled
    outlets_answering: int  #: of them with one that answers
    last_ok_at: datetime | None  #: newest understood answer of any source
    main_cause: str | None  #: most frequent cause among those that fail
    network: bool  #: the causes point at this machine's network rather than at the outlets


def reach(sources: Iterable[SourceState], *, since: datetime) -> Reach:
    """What the sources polled after ``since`` say together."""
    polled = [
        source
        for source in sources
        if source.active and source.last_poll_at is not None and source.last_poll_at >= since
    ]
    failing = [source for source in polled if source.failures]
    causes = Counter(source.cause_code for source in failing if source.cause_code)
    outlets = {source.outlet for source in polled}
    answering = {source.outlet for source in polled if not source.failures}
    hearing = Hearing.FINE
    if not polled:
        hearing = Hearing.UNKNOWN
    elif not answering:
        hearing = Hearing.DEAF
    elif len(outlets) >= _ENOUGH_OUTLETS and 2 * len(answering) < len(outlets):
        hearing = Hearing.HALF
    return Reach(
        hearing=hearing,
        polled=len(polled),
        failing=len(failing),
        outlets=len(outlets),
        outlets_answering=len(answering),
        last_ok_at=max((source.last_ok_at for source in sources if source.last_ok_at is not None), default=None),
        main_cause=causes.most_common(1)[0][0] if causes else None,
        network=bool(causes) and sum(causes[cause] for cause in NETWORK_CAUSES) >= 0.8 * causes.total(),
    )


@dataclass(slots=True)
class DeafnessWatch:
    """Remembers what was told, so that a state is told once and its end is told, too."""

    bad_since: datetime | None = None  #: since then we hear nothing, or too little
    told_log: Hearing | None = None  #: the worst that the log was told of this time
    told_people: Hearing | None = None  #: the worst that people were told of this time
    heard_since: datetime | None = None  #: when we last began to hear again

    def judge(self, reach: Reach, now: datetime) -> str | None:
        """``"deaf"``, ``"half"`` or ``"hearing"`` when that is news for the log, with ``"tell-"`` before it when it is
        news for people, too; None when nothing changed."""
        if reach.hearing in (Hearing.DEAF, Hearing.HALF):
            self.bad_since = self.bad_since or now
            if _is_worse(reach.hearing, self.told_log):
                self.told_log = reach.hearing
                return reach.hearing.value
            if _is_worse(reach.hearing, self.told_people) and now - self.bad_since >= DEAF_NOTICE_AFTER:
                self.told_people = reach.hearing
                return f"tell-{reach.hearing.value}"
            return None
        if reach.hearing is Hearing.FINE and self.bad_since is not None:
            told = self.told_people is not None
            self.bad_since = self.told_log = self.told_people = None
            self.heard_since = now
            return "tell-hearing" if told else "hearing"
        return None


def _is_worse(hearing: Hearing, told: Hearing | None) -> bool:
    return told is None or (hearing is Hearing.DEAF and told is Hearing.HALF)


def polled_text(summary: CrawlSummary) -> str:
    """What one round of polls brought, in one line of the log."""
    polls, failed = summary.polls.total(), summary.failed_polls
    return (
        f"Polled {polls} sources: {polls - failed} answered, {failed} failed; "
        f"{summary.articles_new} new articles, {summary.articles_changed} changed"
    )


def reach_params(found: Reach, now: datetime, bad_since: datetime | None) -> dict[str, str | int]:
    """What ``reach_text`` says, for channels that word it in another language."""
    if bad_since is None:
        return {"answering": found.polled - found.failing, "polled": found.polled}
    minutes = int((now - bad_since).total_seconds() // 60)
    known: dict[str, str | int] = {"why": found.main_cause or "?", "minutes": minutes}
    if found.hearing is Hearing.HALF:
        return known | {"answering": found.outlets_answering, "known": found.outlets}
    return known | {"failing": found.failing}


def reach_text(found: Reach, now: datetime, bad_since: datetime | None) -> str:
    """What the operator reads when no outlet answers, or too few, or when they answer again."""
    if bad_since is None:
        return f"Outlets answer again: {found.polled - found.failing} of {found.polled} sources."
    last = (
        f"the last answer came at {found.last_ok_at:%Y-%m-%d %H:%M} UTC" if found.last_ok_at else "none ever answered"
    )
    minutes = int((now - bad_since).total_seconds() // 60)
    since = f" for {minutes} minutes" if minutes else ""
    what = "check this machine's network and DNS" if found.network else "see `basewatch outlets health` for the causes"
    if found.hearing is Hearing.HALF:
        return (
            f"Only {found.outlets_answering} of {found.outlets} outlets answer{since}; the others fail (mostly: "
            f"{found.main_cause}). Basewatch keeps trying; {what}."
        )
    return (
        f"Basewatch could not check any outlet{since}: all {found.failing} sources polled fail "
        f"(mostly: {found.main_cause}); {last}. It keeps trying; {what}."
    )
