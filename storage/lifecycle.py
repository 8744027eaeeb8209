"""The life of an incident beside its facts: late ones that wait to be told, quiet ones that are closed, and denials
that wait for the attack they deny."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from core.values import Label, Mention
from storage.codec import attack_from_json, attack_to_json
from storage.meta import dialect_insert
from storage.tables import DigestItem, HeldIncident, Incident, Report, WaitingDenial

# ---- late incidents that wait to be told


def hold(session: Session, incident_id: int, now: datetime) -> None:
    """Let a late incident wait; one that waits already keeps its time."""
    session.execute(
        dialect_insert(session, HeldIncident).values(incident_id=incident_id, held_at=now).on_conflict_do_nothing()
    )


def held(session: Session) -> list[tuple[int, datetime]]:
    """The incidents that wait, merged ones left out, and since when; the earliest first."""
    statement = (
        select(HeldIncident.incident_id, HeldIncident.held_at)
        .join(Incident, Incident.id == HeldIncident.incident_id)
        .where(Incident.merged_into.is_(None))
        .order_by(HeldIncident.held_at, HeldIncident.incident_id)
    )
    return [(incident_id, held_at) for incident_id, held_at in session.execute(statement)]


def release_all(session: Session) -> None:
    """Nothing waits any more."""
    session.execute(delete(HeldIncident))


def told_in_digest(session: Session, notice_id: int, incident_ids: Iterable[int]) -> None:
    """Record that a digest told of these incidents."""
    rows = [{"notice_id": notice_id, "incident_id": incident_id} for incident_id in incident_ids]
    if rows:
        session.execute(insert(DigestItem), rows)


def digest_items(session: Session) -> list[tuple[int, int]]:
    """Each incident that a digest told of, as (notice, incident)."""
    statement = select(DigestItem.notice_id, DigestItem.incident_id).order_by(DigestItem.id)
    return [(notice_id, incident_id) for notice_id, incident_id in session.execute(statement)]


# ---- closing


def close_quiet(session: Session, now: datetime, quiet_for: timedelta) -> int:
    """Close the incidents to which no report came for that long; how many. A closed one is never opened again."""
    since = now - quiet_for
    recent = select(Report.id).where(Report.incident_id == Incident.id, Report.attached_at > since).exists()
    result = session.execute(
        update(Incident)
        .where(Incident.closed_at.is_(None), Incident.opened_at <= since, ~recent)
        .values(closed_at=now)
        .returning(Incident.id)
        .execution_options(synchronize_session=False)
    )
    return len(result.fetchall())


# ---- denials that came before the report


def keep_denial(session: Session, mention: Mention) -> None:
    """Keep a denial of an attack that nobody has told of; a newer version of the article replaces the older one's."""
    session.execute(
        delete(WaitingDenial).where(
            WaitingDenial.article_id == mention.article_id, WaitingDenial.attack_index == mention.index
        )
    )
    session.add(
        WaitingDenial(
            article_id=mention.article_id, version=mention.version, attack_index=mention.index,
            known_at=mention.known_at, mention=_to_json(mention),
        )
    )  # fmt: skip
    session.flush()


def waiting_denials(session: Session, start: datetime, end: datetime) -> list[Mention]:
    """The denials known between these instants that still wait, in order of (known_at, article, index)."""
    statement = (
        select(WaitingDenial)
        .where(WaitingDenial.known_at.between(start, end))
        .order_by(WaitingDenial.known_at, WaitingDenial.article_id, WaitingDenial.attack_index)
    )
    return [_from_json(row) for row in session.scalars(statement)]


def drop_denials(session: Session, refs: Collection[tuple[int, int]]) -> None:
    """These denials (article and index) wait no more."""
    for article_id, index in refs:
        session.execute(
            delete(WaitingDenial).where(WaitingDenial.article_id == article_id, WaitingDenial.attack_index == index)
        )


def drop_denials_of(session: Session, article_id: int) -> None:
    """A newer version of this article speaks now."""
    session.execute(delete(WaitingDenial).where(WaitingDenial.article_id == article_id))


def _to_json(mention: Mention) -> dict[str, Any]:
    return {
        "attack": attack_to_json(mention.attack),
        "label": mention.label.value,
        "outlet": mention.outlet,
        "family": mention.family,
        "country_of_outlet": mention.country_of_outlet,
        "published_at": mention.published_at.isoformat() if mention.published_at is not None else None,
        "first_seen_at": mention.first_seen_at.isoformat(),
        "fingerprint": mention.fingerprint,
        "extra": mention.extra,
    }


def _from_json(row: WaitingDenial) -> Mention:
    value = row.mention
    published = value["published_at"]
    return Mention(
        article_id=row.article_id,
        version=row.version,
        index=row.attack_index,
        attack=attack_from_json(value["attack"]),
        label=Label(value["label"]),
        outlet=value["outlet"],
        family=value["family"],
        country_of_outlet=value["country_of_outlet"],
        published_at=datetime.fromisoformat(published) if published is not None else None,
        first_seen_at=datetime.fromisoformat(value["first_seen_at"]),
        fingerprint=value["fingerprint"],
        extra=dict(value["extra"]),
    )
