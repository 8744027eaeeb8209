"""The rows that a canary leaves while it is under way, and the time at which the last one arrived."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.documents import NoticeDocument
from core.values import CANARY_OUTLET, NoticeKind
from storage.meta import get_meta, set_meta
from storage.outbox import SENT
from storage.tables import Article, ArticleUrl, ArticleVersion, Delivery, Failure, Notice, Verdict
from storage.vitals import LAST_CANARY

RELEASED = "canary_released_at"  #: key in ``meta``: when the last canary set out, ISO 8601


def last_canary_at(session: Session) -> datetime | None:
    """When the last canary had arrived on every channel that it was sent to; None: none ever did."""
    text = get_meta(session, LAST_CANARY)
    return datetime.fromisoformat(text) if text else None


def released_at(session: Session) -> datetime | None:
    """When the last canary set out."""
    text = get_meta(session, RELEASED)
    return datetime.fromisoformat(text) if text else None


def set_released(session: Session, now: datetime) -> None:
    set_meta(session, RELEASED, now.isoformat())


def settle(session: Session, reason: str) -> datetime | None:
    """Where the newest canary has arrived on every channel: when, kept as ``last_canary_at``, its article deleted.

    None while it is under way, where a channel gave it up, and where it was settled before. ``reason`` is that of its
    notice; without any channel it has arrived with its notice.
    """
    released = released_at(session)
    notice = session.execute(
        select(Notice.id, Notice.created_at)
        .where(Notice.incident_id.is_(None), Notice.kind == NoticeKind.TEST.value, Notice.reason == reason)
        .order_by(Notice.id.desc())
        .limit(1)
    ).first()
    if notice is None or (released is not None and notice.created_at < released):
        return None
    states = session.execute(select(Delivery.state, Delivery.sent_at).where(Delivery.notice_id == notice.id)).all()
    if any(state != SENT for state, _ in states):
        return None
    arrived = max((sent_at for _, sent_at in states if sent_at is not None), default=notice.created_at)
    last = last_canary_at(session)
    if last is not None and last >= arrived:
        return None
    set_meta(session, LAST_CANARY, arrived.isoformat())
    remove(session)
    return arrived


def was_told(session: Session, since: datetime) -> bool:
    """Whether a canary that set out at ``since`` has come to a notice, whatever became of that."""
    statement = (
        select(Notice.id)
        .where(Notice.incident_id.is_(None), Notice.reason.startswith("canary"), Notice.created_at >= since)
        .limit(1)
    )
    return session.scalar(statement) is not None


def newest_document(session: Session) -> NoticeDocument:
    """The document of the notice that was written last, in this transaction or before."""
    newest = select(Notice.document).order_by(Notice.id.desc()).limit(1)
    return NoticeDocument.model_validate(session.scalars(newest).one())


def remove(session: Session) -> int:
    """Delete the articles of canaries with all that hangs on them; how many."""
    ids = list(session.scalars(select(Article.id).where(Article.outlet == CANARY_OUTLET)))
    if not ids:
        return 0
    versions = select(ArticleVersion.id).where(ArticleVersion.article_id.in_(ids))
    for table in (Verdict, Failure):
        session.execute(delete(table).where(table.version_id.in_(versions)))
    session.execute(delete(ArticleVersion).where(ArticleVersion.article_id.in_(ids)))
    session.execute(delete(ArticleUrl).where(ArticleUrl.article_id.in_(ids)))
    session.execute(delete(Article).where(Article.id.in_(ids)))
    return len(ids)
