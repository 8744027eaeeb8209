"""Seeds with everything filled in, so that a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.values import (
    Attack,
    Label,
    Mention,
    NoticeKind,
    Origin,
    OriginKind,
    Outcome,
    Severity,
    Status,
    Verdict,
    Weapon,
)
from storage import articles, deliveries, incidents, sources
from storage.values import (
    ArticleSeed,
    EntrySeed,
    IncidentSeed,
    NoticeRef,
    PollOutcome,
    SourceSeed,
    Stored,
    StoredArticle,
)

NOW = datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=UTC)
BODY = (
    "Air defences at Erbil air base shot down one drone on Monday evening, the counter-terrorism service said. "
    "Nobody was hurt and nothing was damaged, according to the statement, which named no attacker and gave no further "
    "details of the aircraft or of the place from which it had been launched that night."
)


def source_seed(source_id: str = "shafaq-en", **changes: Any) -> SourceSeed:
    seed = SourceSeed(
        source_id=source_id, outlet="shafaq", kind="feed", url=f"https://example.org/{source_id}.xml", interval_s=300
    )
    return replace(seed, **changes)


def entry(number: int = 1, **changes: Any) -> EntrySeed:
    url = f"https://example.org/news/{number}"
    return replace(EntrySeed(url=url, raw_url=url + "?utm=x", entry_hash="h1", title=f"Title {number}"), **changes)


def polled(*entries: EntrySeed, status: Any = "ok", **changes: Any) -> PollOutcome:
    outcome = PollOutcome(
        status=status, next_poll_at=NOW + timedelta(minutes=5), entries=list(entries), http_status=200, etag='"v1"'
    )
    return replace(outcome, **changes)


def article_seed(number: int = 1, **changes: Any) -> ArticleSeed:
    seed = ArticleSeed(
        url=f"https://example.org/news/{number}", outlet="shafaq", family="shafaq", source_id="shafaq-en",
        title=f"Drone shot down over base, report {number}", text=BODY, first_seen_at=NOW, published_at=NOW,
        lang="en",
    )  # fmt: skip
    return replace(seed, **changes)


def store(session: Session, number: int = 1, now: datetime = NOW, **changes: Any) -> Stored:
    return articles.store(session, article_seed(number, **changes), now)


def stored_article(session: Session, number: int = 1, **changes: Any) -> StoredArticle:
    stored = store(session, number, **changes)
    found = articles.article(session, stored.article_id, stored.version)
    assert found is not None
    return found


def attack(**changes: Any) -> Attack:
    value = Attack(
        base="erbil-air-base", country="IQ", event_from=NOW - timedelta(hours=1), weapons=(Weapon.DRONE,), count=1,
        outcome=Outcome.INTERCEPTED, origins=(Origin(kind=OriginKind.OFFICIAL, name="Kurdistan CTG"),),
    )  # fmt: skip
    return replace(value, **changes)


def verdict(*attacks: Attack, model: str = "m1", label: Label = Label.ATTACK) -> Verdict:
    return Verdict(label=label, probability=0.97, lang="en", attacks=attacks or (attack(),), model=model)


def mention(article: StoredArticle, index: int = 0, **changes: Any) -> Mention:
    value = Mention(
        article_id=article.article_id, version=article.version, index=index, attack=attack(), label=Label.ATTACK,
        outlet=article.outlet, family=article.family, published_at=article.published_at,
        first_seen_at=article.first_seen_at,
    )  # fmt: skip
    return replace(value, **changes)


def incident_seed(**changes: Any) -> IncidentSeed:
    seed = IncidentSeed(
        status=Status.REPORTED, severity=Severity.S2, base="erbil-air-base", country="IQ", first_seen_at=NOW,
        facts={"count_low": 1, "weapons": ["drone"]},
    )  # fmt: skip
    return replace(seed, **changes)


def incident_with_report(session: Session, number: int = 1, **changes: Any) -> int:
    article = stored_article(session, number)
    incident_id = incidents.create_incident(session, incident_seed(), NOW)
    incidents.attach_report(session, incident_id, article, mention(article, **changes), NOW)
    return incident_id


def notice(session: Session, incident_id: int | None, *, ring: bool = False, now: datetime = NOW) -> NoticeRef:
    return incidents.add_notice(session, incident_id, NoticeKind.NEW, "new-incident", ring, False, {"notice": {}}, now)


def queued(session: Session, incident_id: int | None, *channels: str, now: datetime = NOW, ring: bool = False) -> int:
    """The id of a notice that waits for these channels."""
    reference = notice(session, incident_id, now=now, ring=ring)
    deliveries.enqueue(session, reference.id, channels or ("ops",), now)
    return reference.id


def new_incident(session: Session) -> int:
    return incidents.create_incident(session, incident_seed(), NOW)


def registered(session: Session, *source_ids: str) -> None:
    sources.register(session, [source_seed(source_id) for source_id in source_ids or ("shafaq-en",)], NOW)
