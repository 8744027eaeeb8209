"""What happened since this process began, and how things stand, as families of metrics. docs/operations.md lists them.

Counters stand at zero from the first second, for every label value that is known beforehand: a rule such as "no article
of this outlet for a day" needs the line to be there before the first article.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import basewatch
from basewatch.health.checks import Check
from basewatch.health.exposition import Family, Histogram, by_label, family, single
from core.values import Label, NoticeKind
from crawler.counters import CrawlSummary
from storage.vitals import Grown, Vitals
from storage.writer import WriteCounters

ATTEMPT_OUTCOMES = ("sent", "retry", "dead", "lost", "requeued", "discarded")
JOB_TROUBLES = ("failed", "skipped", "missed")


class Counts:
    """Counters of what was appended to the database since the start."""

    def __init__(self, outlets: Iterable[str], channels: Iterable[str]) -> None:
        self.articles: Counter[str] = Counter(dict.fromkeys(outlets, 0))
        self.verdicts: Counter[str] = Counter({label.value: 0 for label in Label})
        self.incidents = 0
        self.notices: Counter[tuple[str, bool]] = Counter(
            {(kind.value, rings): 0 for kind in NoticeKind for rings in (False, True)}
        )
        self.attempts: Counter[tuple[str, str]] = Counter(
            {(channel, outcome): 0 for channel in channels for outcome in ATTEMPT_OUTCOMES}
        )
        self.from_publication = Histogram()
        self.from_first_sight = Histogram()

    def add(self, grown: Grown) -> None:
        """Count what was appended since the last time."""
        self.articles.update(grown.articles)
        self.verdicts.update(grown.verdicts)
        self.incidents += grown.incidents
        self.notices.update(grown.notices)
        self.attempts.update(grown.attempts)
        for seconds in grown.from_publication_s:
            self.from_publication.observe(seconds)
        for seconds in grown.from_first_sight_s:
            self.from_first_sight.observe(seconds)

    def families(self) -> Iterator[Family]:
        yield by_label("basewatch_articles_total", "counter", "Articles stored, by outlet.", "outlet", self.articles)
        yield by_label("basewatch_verdicts_total", "counter", "Verdicts, by label.", "label", self.verdicts)
        yield single("basewatch_incidents_total", "counter", "Incidents opened.", self.incidents)
        yield family(
            "basewatch_notices_total", "counter", "Notices written, by kind, and whether they may ring.",
            *((count, {"kind": kind, "rings": str(rings).lower()})
              for (kind, rings), count in sorted(self.notices.items())),
        )  # fmt: skip
        yield family(
            "basewatch_delivery_attempts_total", "counter",
            "Attempts to deliver and acts of operators, by channel and outcome.",
            *((count, {"channel": name, "outcome": what}) for (name, what), count in sorted(self.attempts.items())),
        )  # fmt: skip
        yield self.from_publication.family(
            "basewatch_alert_after_publication_seconds",
            "Seconds from the first report's publication to a channel's acceptance of the alert, fresh alerts only.",
        )
        yield self.from_first_sight.family(
            "basewatch_alert_after_first_sight_seconds",
            "Seconds from a report's first sight in a feed to a channel's acceptance of the alert, fresh alerts only.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """What the parts of this process count by themselves."""

    started_at: datetime
    model: str  #: hash of the classifier
    crawl: CrawlSummary
    writer: WriteCounters
    restarts: Mapping[str, int]  #: of parts, by name
    jobs: Mapping[tuple[str, str], int]  #: (job, what went wrong)
    breaks: Mapping[str, int]  #: of the clocks, by kind
    job_names: tuple[str, ...]
    part_names: tuple[str, ...]
    channels: tuple[str, ...]  #: names of the enabled ones
    lag_last_s: float
    lag_worst_s: float
    wal_bytes: int
    heartbeats: Mapping[str, int]  #: by outcome


def standing(vitals: Vitals, checks: Iterable[Check], process: Process, now: datetime) -> Iterator[Family]:
    """How things stand now."""
    yield family(
        "basewatch_build_info", "gauge", "Version and classifier; always 1.",
        (1, {"version": basewatch.__version__, "model": process.model}),
    )  # fmt: skip
    yield single(
        "basewatch_start_time_seconds", "gauge", "When this process began, Unix time.", process.started_at.timestamp()
    )
    yield by_label(
        "basewatch_check_ok", "gauge", "Whether a stage does its work (1) or not (0), as /readyz says.", "check",
        {check.name: int(check.ok) for check in checks},
    )  # fmt: skip
    yield by_label("basewatch_sources", "gauge", "Sources that are on, by state.", "state", vitals.sources)
    yield by_label("basewatch_polls_total", "counter", "Polls of sources, by outcome.", "outcome", process.crawl.polls)
    yield by_label("basewatch_pages_total", "counter", "Pages asked for, by outcome.", "outcome", process.crawl.pages)
    yield single(
        "basewatch_article_versions_total", "counter", "New versions of known articles.",
        process.crawl.articles_changed,
    )  # fmt: skip
    yield single(
        "basewatch_read_bytes_total", "counter", "Bytes read from outlets, unpacked.", process.crawl.bytes_read
    )
    yield single("basewatch_pages_wanted", "gauge", "Pages that wait to be fetched.", vitals.pages_wanted)
    yield single("basewatch_articles_unclassified", "gauge", "Articles that wait for a verdict.", vitals.waiting)
    yield single("basewatch_articles_parked", "gauge", "Articles at which the classifier failed.", vitals.parked)
    yield by_label(
        "basewatch_deliveries_pending",
        "gauge",
        "Deliveries still to be sent, by channel.",
        "channel",
        {**dict.fromkeys(process.channels, 0), **vitals.pending},
    )
    yield single("basewatch_channels_paused", "gauge", "Channels that take nothing any more.", len(vitals.paused))
    yield from _ages(vitals, now)
    yield from _inside(process)


def _ages(vitals: Vitals, now: datetime) -> Iterator[Family]:
    for name, text, instant, none in (
        ("oldest_unclassified_age", "Age of the oldest article without a verdict.", vitals.oldest_waiting_at, 0.0),
        ("oldest_pending_delivery_age", "Age of the oldest delivery to be sent.", vitals.oldest_pending_at, 0.0),
        ("last_understood_poll_age", "Time since an outlet's answer was understood.", vitals.last_ok_at, None),
        ("last_accepted_delivery_age", "Time since a receiver accepted something.", vitals.last_sent_at, None),
        ("last_canary_age", "Time since a canary arrived.", vitals.last_canary_at, None),
    ):  # fmt: skip
        age = max(0.0, (now - instant).total_seconds()) if instant is not None else none
        yield single(f"basewatch_{name}_seconds", "gauge", text, age)


def _inside(process: Process) -> Iterator[Family]:
    yield by_label(
        "basewatch_heartbeats_total", "counter", "Posts to the heartbeat's address, by outcome.", "outcome",
        process.heartbeats,
    )  # fmt: skip
    yield single("basewatch_loop_lag_seconds", "gauge", "How late the loop last woke up.", round(process.lag_last_s, 6))
    yield single(
        "basewatch_loop_lag_worst_seconds", "gauge", "The latest wake-up of the last minute.",
        round(process.lag_worst_s, 6),
    )  # fmt: skip
    yield single("basewatch_wal_bytes", "gauge", "Size of SQLite's write-ahead log.", process.wal_bytes)
    yield single("basewatch_commits_total", "counter", "Commits of the writer thread.", process.writer.commits)
    yield single("basewatch_writes_failed_total", "counter", "Writes that were undone.", process.writer.failed)
    yield by_label(
        "basewatch_part_restarts_total", "counter", "Parts of the daemon started again after a failure.", "part",
        {name: process.restarts.get(name, 0) for name in process.part_names},
    )  # fmt: skip
    yield family(
        "basewatch_job_troubles_total", "counter", "Runs of scheduled jobs that failed, were skipped or came late.",
        *((process.jobs.get((job, what), 0), {"job": job, "what": what})
          for job in sorted(process.job_names) for what in JOB_TROUBLES),
    )  # fmt: skip
    yield by_label(
        "basewatch_clock_breaks_total", "counter", "Times that the machine slept or its clock was set.", "kind",
        process.breaks,
    )  # fmt: skip
    yield single(
        "basewatch_crawl_faults_total", "counter", "Faults of our own while reading outlets.", process.crawl.errors
    )
    yield single(
        "basewatch_reader_restarts_total", "counter", "Replacements of the process that reads pages and sources.",
        process.crawl.reader_restarts,
    )  # fmt: skip
    yield single("process_cpu_seconds_total", "counter", "Processor seconds of this process.", time.process_time())
    yield single("process_resident_memory_bytes", "gauge", "Resident memory of this process.", _resident_bytes())


def _resident_bytes() -> float | None:
    """None where there is no ``/proc``."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * float(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, IndexError):
        return None
