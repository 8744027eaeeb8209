"""What people decide: recorded once, never changed. One that was taken back stays, and no longer holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from core.values import Mention
from storage.meta import nudge
from storage.reports import mention_of
from storage.tables import Decision, DecisionLink, Fact, Incident, Report
from storage.values import DecisionSeed, DecisionView, LinkView

Ref = tuple[int, int]  #: article id and index of the attack within its verdict

_CHUNK = 500
_Undo = aliased(Decision)


def record(session: Session, seed: DecisionSeed, now: datetime) -> int:
    """The id of the new decision."""
    row = Decision(
        kind=seed.kind, incident_id=seed.incident_id, article_id=seed.article_id, said_by=seed.by, reason=seed.reason,
        detail=seed.detail, decided_at=now, undoes=seed.undoes,
    )  # fmt: skip
    session.add(row)
    session.flush()
    nudge(session)
    return row.id


def decision(session: Session, decision_id: int) -> DecisionView | None:
    """One decision; None if there never was one."""
    found = _views(session, [Decision.id == decision_id])
    return found[0] if found else None


def decisions_of(session: Session, incident_id: int) -> list[DecisionView]:
    """Every decision about the incident or one that was merged into it, oldest first."""
    return decisions_of_all(session, [incident_id])


def decisions_of_all(session: Session, incident_ids: Collection[int]) -> list[DecisionView]:
    """Every decision about these incidents or those that were merged into them, oldest first."""
    found = []
    for chunk in _chunks(sorted(incident_ids)):
        about = select(Incident.id).where(or_(Incident.id.in_(chunk), Incident.merged_into.in_(chunk)))
        found += _views(session, [Decision.incident_id.in_(about)])
    return sorted(found, key=lambda view: view.id)


def edited_among(session: Session, incident_ids: Collection[int]) -> set[int]:
    """Of these incidents, those of which people set facts, themselves or for one that was merged into them."""
    found: set[int] = set()
    for chunk in _chunks(sorted(incident_ids)):
        home = func.coalesce(Incident.merged_into, Incident.id)
        statement = (
            select(home)
            .join(Decision, Decision.incident_id == Incident.id)
            .where(Decision.kind == "edit", or_(Incident.id.in_(chunk), Incident.merged_into.in_(chunk)))
        )
        found |= set(session.scalars(statement))
    return found


def list_decisions(session: Session, kinds: Collection[str] = (), limit: int = 10_000) -> list[DecisionView]:
    """Decisions of these kinds (all by default), oldest first; of more than ``limit`` the latest."""
    conditions: list[ColumnElement[bool]] = [Decision.kind.in_(sorted(kinds))] if kinds else []
    return _views(session, conditions, limit=limit)


def _views(session: Session, conditions: list[ColumnElement[bool]], limit: int = 10_000) -> list[DecisionView]:
    statement = (
        select(Decision, _Undo.id)
        .outerjoin(_Undo, _Undo.undoes == Decision.id)
        .where(*conditions)
        .order_by(Decision.id.desc())
        .limit(limit)
    )
    return [
        DecisionView(
            id=row.id, kind=row.kind, incident_id=row.incident_id, article_id=row.article_id, by=row.said_by,
            reason=row.reason, detail=row.detail, decided_at=row.decided_at, undoes=row.undoes, undone_by=undone_by,
        )
        for row, undone_by in reversed(session.execute(statement).all())
    ]  # fmt: skip


# ---- links


def add_links(session: Session, decision_id: int, bond: str, pairs: Iterable[tuple[Ref, Ref]]) -> int:
    """Put these pairs of reports together ("must") or apart ("cannot"); how many pairs."""
    rows = [
        {
            "decision_id": decision_id, "bond": bond, "left_article": left[0], "left_index": left[1],
            "right_article": right[0], "right_index": right[1],
        }
        for left, right in pairs
        if left != right
    ]  # fmt: skip
    if rows:
        session.execute(insert(DecisionLink), rows)
    return len(rows)


def links_touching(session: Session, article_ids: Collection[int]) -> list[LinkView]:
    """Standing links of which one side is a report of these articles, in order of decision."""
    found: dict[int, LinkView] = {}
    for chunk in _chunks(sorted(article_ids)):
        statement = (
            select(DecisionLink)
            .outerjoin(_Undo, _Undo.undoes == DecisionLink.decision_id)
            .where(
                _Undo.id.is_(None),
                or_(DecisionLink.left_article.in_(chunk), DecisionLink.right_article.in_(chunk)),
            )
        )
        for row in session.scalars(statement):
            found[row.id] = LinkView(
                decision_id=row.decision_id,
                bond=row.bond,
                left=(row.left_article, row.left_index),
                right=(row.right_article, row.right_index),
            )
    return [found[key] for key in sorted(found, key=lambda key: (found[key].decision_id, key))]


def mentions_of_articles(session: Session, article_ids: Collection[int]) -> list[Mention]:
    """The current mentions of these articles."""
    return [
        mention_of(row)
        for chunk in _chunks(sorted(article_ids))
        for row in session.scalars(
            select(Report)
            .where(Report.is_current.is_(True), Report.article_id.in_(chunk))
            .order_by(Report.article_id, Report.attack_index)
        )
    ]


# ---- reports that people move


def move_articles(session: Session, source: int, target: int, article_ids: Collection[int]) -> int:
    """Give the reports of these articles, and the facts they state, to another incident; how many reports."""
    moved = 0
    for chunk in _chunks(sorted(article_ids)):
        session.execute(
            update(Fact).where(Fact.incident_id == source, Fact.article_id.in_(chunk)).values(incident_id=target)
        )
        result = session.execute(
            update(Report)
            .where(Report.incident_id == source, Report.article_id.in_(chunk))
            .values(incident_id=target)
            .returning(Report.id)
        )
        moved += len(result.fetchall())
    return moved


def merged_into(session: Session, incident_id: int) -> list[int]:
    """The incidents whose redirect leads to this one."""
    return list(session.scalars(select(Incident.id).where(Incident.merged_into == incident_id).order_by(Incident.id)))


def revive(session: Session, incident_id: int, with_it: Collection[int], now: datetime) -> None:
    """Undo a merge's redirect: the incident stands again, and those that had been merged into it lead to it."""
    session.execute(update(Incident).where(Incident.id == incident_id).values(merged_into=None, changed_at=now))
    if with_it:
        session.execute(update(Incident).where(Incident.id.in_(sorted(with_it))).values(merged_into=incident_id))


def count_decisions(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Decision)) or 0


def _chunks(values: list[int]) -> list[list[int]]:
    return [values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK)]
