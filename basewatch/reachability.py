"""Whether Basewatch can hear at all: told when no outlet answers, and again when they do.

Pure rule beside a thin look at the database; ``basewatch/daemon.py`` asks every minute.
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
    DEAF = "deaf"  #: every source polled fails


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """How many sources answer."""

    hearing: Hearing
    polled: int
    failing: int
    last_ok_at: datetime | None  #: newest understood answer of any source
    main_cause: str | None  #: most frequent cause among those that fail
    network: bool  #: the causes point at this machine's network rather than at the outlets


def reach(sources: Iterable[SourceState], *, since: datetime) -> Reach:
    """What the sources polled after ``since`` say together."""
    polled = [source for source in sources if source.last_poll_at is not None and source.last_poll_at >= since]
    failing = [source for source in polled if source.failures]
    causes = Counter(source.cause_code for source in failing if source.cause_code)
    hearing = Hearing.UNKNOWN if not polled else Hearing.DEAF if len(failing) == len(polled) else Hearing.FINE
    return Reach(
        hearing=hearing,
        polled=len(polled),
        failing=len(failing),
        last_ok_at=max((source.last_ok_at for source in sources if source.last_ok_at is not None), default=None),
        main_cause=causes.most_common(1)[0][0] if causes else None,
        network=bool(causes) and sum(causes[cause] for cause in NETWORK_CAUSES) >= 0.8 * causes.total(),
    )


@dataclass(slots=True)
class DeafnessWatch:
    """Remembers what was told, so that a state is told once and its end is told, too."""

    deaf_since: datetime | None = None
    told_people: bool = False

    def judge(self, reach: Reach, now: datetime) -> str | None:
        """``"deaf"`` or ``"hearing"`` when that is news for the log, ``"tell-deaf"`` or ``"tell-hearing"`` when it is
        news for people, too; None when nothing changed."""
        if reach.hearing is Hearing.DEAF:
            if self.deaf_since is None:
                self.deaf_since = now
                return "deaf"
            if not self.told_people and now - self.deaf_since >= DEAF_NOTICE_AFTER:
                self.told_people = True
                return "tell-deaf"
            return None
        if reach.hearing is Hearing.FINE and self.deaf_since is not None:
            told, self.deaf_since, self.told_people = self.told_people, None, False
            return "tell-hearing" if told else "hearing"
        return None


def polled_text(summary: CrawlSummary) -> str:
    """What one round of polls brought, in one line of the log."""
    polls, failed = summary.polls.total(), summary.failed_polls
    return (
        f"Polled {polls} sources: {polls - failed} answered, {failed} failed; "
        f"{summary.articles_new} new articles, {summary.articles_changed} changed"
    )


def reach_text(found: Reach, now: datetime, deaf_since: datetime | None) -> str:
    """What the operator reads when no outlet answers, or when they answer again."""
    if deaf_since is None:
        return f"Outlets answer again: {found.polled - found.failing} of {found.polled} sources."
    last = (
        f"the last answer came at {found.last_ok_at:%Y-%m-%d %H:%M} UTC" if found.last_ok_at else "none ever answered"
    )
    minutes = int((now - deaf_since).total_seconds() // 60)
    since = f" for {minutes} minutes" if minutes else ""
    what = "check this machine's network and DNS" if found.network else "see `basewatch outlets health` for the causes"
    return (
        f"Basewatch could not check any outlet{since}: all {found.failing} sources polled fail "
        f"(mostly: {found.main_cause}); {last}. It keeps trying; {what}."
    )
