"""The canary: a made-up article that goes the whole way, so that silence means "no attack" and not "broken".

::

    release: stored as an article of a reserved outlet | the classifier reads it like any other
      | try_out: verdict, incident, notice, as for a real one, then all of it undone | a TEST notice for the operator
      | settle: accepted by every channel -> ``last_canary_at``; its article is deleted

Nothing of it is an incident: what the desk writes on trial is rolled back in the same transaction, so no list, tally,
export or later report ever meets it. What stays is one notice, number and deliveries included, that says TEST.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.desk import Desk, Entry
from alerts.headline import first_line
from alerts.system import News, write_system_notice
from config.watch import Site, Watch
from core.documents import NoticeDocument, NoticePart
from core.text import one_line
from core.values import CANARY_OUTLET, Kind, NoticeKind, TextReason, Verdict
from storage import articles, canary, deliveries, incidents
from storage.values import ArticleSeed, StoredArticle

PASSED = TextReason.CANARY.value  #: reason of the TEST notice
MISSED = TextReason.CANARY_MISSED  #: reason of the SYSTEM notice where the classifier did not see an attack in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Judges canaries, for one watch and for the channels of the operator."""

    watch: Watch
    desk: Desk
    channels: Sequence[str]  #: who is told

    def try_out(self, session: Session, stored: StoredArticle, verdict: Verdict, now: datetime) -> Entry:
        """What a real article with this verdict would have brought, told as a test; nothing else is kept."""
        site = site_for(self.watch)
        with session.begin_nested() as trial:
            entry = self.desk.enter(session, stored, verdict, now)
            session.flush()
            told = canary.newest_document(session) if entry.notices else None
            trial.rollback()
        session.expire_all()
        if incidents.save_verdict(session, stored, verdict, now) is None:
            return Entry(entered=False)
        if not (entry.positive and any(attack.base == site.id for attack in verdict.attacks)):
            text, params = missed(verdict)
            write_system_notice(session, MISSED, text, self.channels, now, params=params)
            return Entry(notices=((NoticeKind.SYSTEM, False),))
        part = NoticePart(
            id="SYS-0", number=0, kind=NoticeKind.TEST, reason=PASSED, ring=False, created_at=now,
            text=_passed_text(site, told, now), params={"site": one_line(site.name)},
        )  # fmt: skip
        document = NoticeDocument(notice=part).to_json()
        ref = incidents.add_notice(session, None, NoticeKind.TEST, PASSED, False, False, document, now)
        deliveries.enqueue(session, ref.id, self.channels, now)
        return Entry(notices=((NoticeKind.TEST, False),))


def release(session: Session, watch: Watch, now: datetime) -> int:
    """Store a canary as an article that waits for its verdict; its id. An unfinished one of before is deleted."""
    canary.remove(session)
    canary.set_released(session, now)
    return articles.store(session, canary_article(site_for(watch), now), now).article_id


def is_canary(stored: StoredArticle) -> bool:
    return stored.outlet == CANARY_OUTLET


def site_for(watch: Watch) -> Site:
    """The site that canaries are about: the first air base at which the protected forces are known to be today."""
    sites = list(watch.sites.values())
    known = [site for site in sites if any(p.to is None and p.confidence == "high" for p in site.presence)]
    plain = [site for site in known if site.kind is Kind.AIRBASE and not site.guest and site.aliases.get("en")]
    return (plain or known or sites)[0]


def canary_article(site: Site, now: datetime) -> ArticleSeed:
    """An attack that did not happen, as an outlet would tell it; no two are alike, so that none is a duplicate."""
    name = site.aliases.get("en", (site.name,))[0]
    event = now - timedelta(minutes=5)
    stamp = f"{now:%Y%m%dT%H%M%S%f}"
    return ArticleSeed(
        url=f"https://canary.invalid/{stamp}",
        outlet=CANARY_OUTLET,
        family=CANARY_OUTLET,
        source_id=CANARY_OUTLET,
        title=f"Two explosive drones target {name}, security source says",
        text=(
            f"Two explosive drones attacked {name}, where foreign forces are stationed, at {event:%H:%M} GMT, "
            f"a security source said.\n\nAir defences shot down one of them and the other fell inside the "
            f"base, the source said. There were no casualties. No group has claimed the attack.\n\nTest {stamp}."
        ),
        first_seen_at=now,
        lang="en",
        published_at=now,
    )


def _passed_text(site: Site, told: NoticeDocument | None, now: datetime) -> str:
    would = f"It would have read: {first_line(told, now=now)}\n" if told is not None else ""
    return (
        "No attack: a self-test of Basewatch. A made-up report went the whole way to you.\n"
        f"The report named {one_line(site.name)}; nothing happened there.\n{would}"
        "If this message does not come one day, look at the status page or run: basewatch outlets health"
    )


def missed(verdict: Verdict) -> News:
    """What the operator reads where the classifier did not see an attack in it."""
    text = (
        "Basewatch does not recognise its own test report: real attacks may be missed, too.\n"
        f"Its verdict was {verdict.label.value}, probability {verdict.probability:.2f}. "
        "Undo your last change of lexicons, watch or alerts.threshold, then run: basewatch check"
    )
    return text, {"verdict": verdict.label.value, "percent": round(100 * verdict.probability)}
