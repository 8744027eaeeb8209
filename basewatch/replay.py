"""``replay``: a corpus through dedupe, classifier, incidents and outbox under a simulated clock, and how well it went.

::

    articles in order of publication | store once | classify (or the labelled verdict) | incidents, notices, deliveries
      | the outbox, to a receiver that takes everything | what was made, against what is labelled

The functions are those of the daemon; only its loops are left out: the clock says when each article is read.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from alerts.desk import Desk
from alerts.headline import first_line
from alerts.intake import Classify
from basewatch.corpus import CorpusArticle
from basewatch.scoring import Score, Told, score
from config.channels import ConsoleSettings
from config.outlets import Outlet
from config.settings import Settings
from config.watch import Watch
from core.documents import NoticeDocument
from core.errors import InputError
from core.values import Attack, NoticeKind
from storage import articles, deliveries, incidents, lifecycle
from storage.engine import open_database
from storage.values import ArticleSeed, IncidentFilter, NoticeView

CHANNEL = "replay"
OWNER = "replay"
GROUP = 50  #: articles in one transaction; nothing that is decided depends on what was delivered
ALL = 1_000_000
RING_WINDOW = timedelta(hours=6)

#: sites that SCHEMA.md of the corpus lists: others are scored as other-named (docs/incidents.md)
SCORED_SITES = frozenset(
    re.findall(
        r"\S+",
        """
        ain-al-asad erbil-airbase harir victoria-base-baghdad camp-taji k1-kirkuk qayyarah-west balad us-embassy-baghdad
        us-consulate-erbil al-tanf green-village-al-omar conoco al-shaddadi rumaylan-kharab-al-jir tell-baydar qasrak
        himo tower-22 muwaffaq-salti al-udeid al-dhafra camp-arifjan ali-al-salem camp-buehring nsa-bahrain
        prince-sultan incirlik camp-lemonnier manda-bay
        """,
    )
)


@dataclass(slots=True)
class Run:
    """What a replay did, before it is scored."""

    articles: int = 0
    duplicates: int = 0
    delivered: int = 0
    held: bool = False  #: late incidents wait to be told
    ids: dict[str, int] = field(default_factory=dict)  #: stored article of each corpus line, by its id
    attacks: dict[int, tuple[Attack, ...]] = field(default_factory=dict)  #: of the newest verdict, by stored article


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The outcome of a replay."""

    run: Run
    score: Score
    notices: tuple[NoticeView, ...]
    labelled: bool  #: some line carries a label

    def to_json(self) -> dict[str, Any]:
        """The shape of ``replay --json``; without labels nothing is right or wrong, and what would say so is None."""
        kinds = Counter(notice.kind for notice in self.notices)
        found = self.score
        told: dict[str, Any] = {
            "articles": self.run.articles,
            "duplicates": self.run.duplicates,
            "incidents": {
                "true": found.true,
                "found": found.found,
                "missed": found.missed,
                "false": found.false,
                "alerts_per_incident": round(found.alerts_per_incident, 4),
                "bcubed_precision": round(found.bcubed_precision, 4),
                "bcubed_recall": round(found.bcubed_recall, 4),
                "bcubed_f1": round(found.bcubed_f1, 4),
            },
            "notices": {
                "new": kinds[NoticeKind.NEW],
                "update": kinds[NoticeKind.UPDATE],
                "correction": kinds[NoticeKind.CORRECTION],
                "digest": kinds[NoticeKind.DIGEST],
                "rings": sum(notice.ring for notice in self.notices),
                "most_rings_of_an_incident_in_6h": most_rings(self.notices),
            },
            "false_per_1000": round(1000 * found.false / self.run.articles, 2) if self.run.articles else 0.0,
            "detail": list(found.detail) if self.labelled else rang(self.notices),
        }
        if self.labelled:
            return told
        incidents = dict.fromkeys(told["incidents"]) | {"found": found.found}
        return told | {"incidents": incidents, "false_per_1000": None}


def replay(
    corpus: Sequence[CorpusArticle],
    classify: Classify,
    *,
    watch: Watch,
    outlets: Mapping[str, Outlet],
    settings: Settings,
) -> Result:
    """Run the corpus, in its order, through a fresh database, and score what came of it.

    Raises InputError for an empty corpus.
    """
    if not corpus:
        raise InputError("the corpus holds no article")
    quiet = settings.model_copy(update={"channels": {CHANNEL: ConsoleSettings()}})
    desk = Desk(watch, outlets, quiet)
    seats = {name: outlet for outlet in outlets.values() for name in (outlet.slug, outlet.name.casefold())}
    with tempfile.TemporaryDirectory(prefix="basewatch-replay-", dir=_memory()) as folder:
        database = open_database(Path(folder) / "replay.db")
        try:
            run = Run()
            for start in range(0, len(corpus), GROUP):
                lines = corpus[start : start + GROUP]
                with database.write() as session:
                    for line in lines:
                        _tell_late(session, desk, run, line.at)
                        _step(session, desk, classify, _seed(line, seats.get(line.outlet.casefold())), line, run)
                    run.delivered += _deliver(session, lines[-1].at)
            with database.write() as session:
                _tell_late(session, desk, run, None)
                run.delivered += _deliver(session, corpus[-1].at)
            with database.read() as session:
                return _result(session, corpus, run)
        finally:
            database.close()


def _memory() -> str | None:
    """A folder in memory where the system has one: a replay is thrown away, and need not wait for the disk."""
    shared = Path("/dev/shm")  # noqa: S108 - the folder inside has a random name and is ours alone
    return str(shared) if shared.is_dir() else None


def _step(session: Session, desk: Desk, classify: Classify, seed: ArticleSeed, line: CorpusArticle, run: Run) -> None:
    """One article, from its store to the receiver, at the time of its publication."""
    now = line.at
    stored = articles.store(session, seed, now)
    run.articles += 1
    run.ids[line.id] = stored.article_id
    if not stored.is_new and not stored.is_changed:
        run.duplicates += 1
        return
    version = articles.article(session, stored.article_id, stored.version)
    assert version is not None  # it was stored a moment ago
    verdict = classify.classify(version.article)
    run.held |= desk.enter(session, version, verdict, now).held > 0
    run.attacks[stored.article_id] = verdict.attacks


def _tell_late(session: Session, desk: Desk, run: Run, now: datetime | None) -> None:
    """Tell what is late at the instant at which the daemon would have told it, if that is before ``now`` (or None)."""
    while run.held:
        due = desk.late_due_at(session)
        if due is None or (now is not None and due > now):
            run.held = due is not None
            return
        desk.tell_late(session, due)


def _seed(line: CorpusArticle, outlet: Outlet | None) -> ArticleSeed:
    slug = outlet.slug if outlet is not None else re.sub(r"\W+", "-", line.outlet.casefold()).strip("-")
    return ArticleSeed(
        url=line.url,
        outlet=slug,
        family=outlet.family if outlet is not None else slug,
        source_id="replay",
        title=line.title,
        text=line.text,
        first_seen_at=line.at,
        first_poll=line.first_poll,
        lang=line.lang,
        published_at=line.published_at,
        date_only=line.date_only,
    )


def _deliver(session: Session, now: datetime) -> int:
    """Claim what is due and record it as accepted; how many messages."""
    sent = 0
    while claimed := deliveries.claim_due(session, now, OWNER, 60.0, limit=ALL):
        for delivery in claimed:
            sent += deliveries.record_sent(session, delivery.id, OWNER, now)
    return sent


# -- what came of it -------------------------------------------------------------------------------------------------


def _result(session: Session, corpus: Sequence[CorpusArticle], run: Run) -> Result:
    views = incidents.list_incidents(session, IncidentFilter(include_merged=True, limit=ALL))
    winner = {view.id: view.merged_into or view.id for view in views}
    homes: dict[tuple[int, int], int] = {}
    for view in views:
        for mention in incidents.mentions_of(session, view.id):
            homes[(mention.article_id, mention.index)] = winner[view.id]
    notices = incidents.notices_since(session, datetime.min.replace(tzinfo=UTC))
    alerts = Counter(
        incidents.public_id(winner[notice.incident_id])
        for notice in notices
        if notice.kind is NoticeKind.NEW and notice.incident_id is not None
    )
    alerts.update(incidents.public_id(winner[told]) for _, told in lifecycle.digest_items(session))
    told = [one for line in _newest(corpus, run) if (one := _told(line, run, homes)) is not None]
    return Result(
        run=run,
        score=score(told, alerts, SCORED_SITES),
        notices=tuple(sorted(notices, key=lambda notice: notice.id)),
        labelled=any(line.label is not None for line in corpus),
    )


def _newest(corpus: Iterable[CorpusArticle], run: Run) -> Iterable[CorpusArticle]:
    """Of the lines that became one stored article, the last: an edit replaces what it edits."""
    last: dict[int, CorpusArticle] = {}
    for line in corpus:
        last[run.ids[line.id]] = line
    return last.values()


def _told(line: CorpusArticle, run: Run, homes: Mapping[tuple[int, int], int]) -> Told | None:
    """What is labelled and what was found in one article; None where there is neither."""
    article_id = run.ids[line.id]
    attacks = run.attacks.get(article_id, ())
    found = [(attack, homes[(article_id, n)]) for n, attack in enumerate(attacks) if (article_id, n) in homes]
    if not found and not line.attacks:
        return None
    return Told(
        article=line.id,
        title=line.title,
        labelled=line.attacks,
        incident_ids=line.incident_ids,
        found=tuple(attack for attack, _ in found),
        incidents=tuple(incidents.public_id(home) for _, home in found),
    )


def most_rings(notices: Iterable[NoticeView]) -> int:
    """The most rings that one incident had within six hours."""
    times: defaultdict[int | None, list[datetime]] = defaultdict(list)
    for notice in notices:
        if notice.ring:
            times[notice.incident_id].append(notice.created_at)
    return max(
        (sum(start <= other < start + RING_WINDOW for other in rings) for rings in times.values() for start in rings),
        default=0,
    )


def rang(notices: Iterable[NoticeView]) -> list[dict[str, Any]]:
    """What would have woken people, for a stream without labels."""
    return [
        {
            "rang": notice.public_id,
            "at": notice.created_at.isoformat().replace("+00:00", "Z"),
            "line": first_line(NoticeDocument.model_validate(notice.document), now=notice.created_at),
        }
        for notice in notices
        if notice.ring
    ]
