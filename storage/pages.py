"""Wanted pages: the durable queue between feeds and articles. What a crawler is fetching just now, it remembers itself:
after a kill the page is simply still wanted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Table, bindparam, func, select, update
from sqlalchemy.orm import Session

from storage.meta import dialect_insert
from storage.tables import Page
from storage.types import SafeText, url_key
from storage.values import WantedPage

_COLUMNS = (
    Page.id, Page.url, Page.raw_url, Page.outlet, Page.source_id, Page.title, Page.summary, Page.content,
    Page.published_raw, Page.published_at, Page.attempts, Page.first_seen_at, Page.first_poll, Page.etag,
    Page.last_modified, Page.fetched_at, Page.whole, Page.headline, Page.author, Page.live_until,
)  # fmt: skip
_DONE: dict[str, Any] = {"state": "done", "summary": None, "content": None}
_EXCLUDE_MAX = 5000


def wanted(
    session: Session,
    now: datetime,
    limit: int = 200,
    *,
    per_outlet: int | None = None,
    exclude: Collection[int] = (),
    outlets: Collection[str] | None = None,
) -> list[WantedPage]:
    """Pages to fetch, the outlets in turn, within an outlet the newest first (news that is fresh may ring).

    ``per_outlet``: at most so many of one outlet. ``exclude``: ids being fetched now. ``outlets``: only of these.
    """
    if session.scalar(select(Page.id).where(Page.state == "wanted", Page.not_before <= now).limit(1)) is None:
        return []  # the usual answer: no need to put what there is in order
    newest_first = func.coalesce(Page.published_at, Page.first_seen_at).desc()
    turn = func.row_number().over(partition_by=Page.outlet, order_by=(Page.attempts, newest_first, Page.id))
    conditions: list[ColumnElement[bool]] = [Page.state == "wanted", Page.not_before <= now]
    if exclude:
        conditions.append(Page.id.not_in(sorted(exclude)[:_EXCLUDE_MAX]))
    if outlets is not None:
        conditions.append(Page.outlet.in_(sorted(outlets)))
    ranked = select(Page.id.label("id"), turn.label("turn")).where(*conditions).subquery()
    statement = select(*_COLUMNS).join(ranked, Page.id == ranked.c.id).order_by(ranked.c.turn, Page.id).limit(limit)
    if per_outlet is not None:
        statement = statement.where(ranked.c.turn <= per_outlet)
    return [_wanted(row) for row in session.execute(statement).mappings()]


def _wanted(row: Any) -> WantedPage:
    values = dict(row)
    return WantedPage(fetched_before=values.pop("fetched_at") is not None, **values)


def next_wanted_at(session: Session) -> datetime | None:
    """When the next page may be fetched (may be past); None if none is wanted."""
    return session.scalar(select(func.min(Page.not_before)).where(Page.state == "wanted"))


def count_wanted(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Page).where(Page.state == "wanted")) or 0


def page_done(
    session: Session,
    page_id: int,
    now: datetime,
    *,
    cause: str | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> None:
    """The page needs no fetch any more: stored (``articles.store`` calls this), unchanged (304), or no article.

    ``cause`` says why where no article came of it. Validators are kept where given.
    """
    session.execute(_PAGE_DONE, {"key": page_id, "now": now, "cause": cause, "tag": etag, "modified": last_modified})


# Built once: it runs for every page that is read.
_PAGES = cast("Table", Page.__table__)
_PAGE_DONE = (
    update(_PAGES)
    .where(_PAGES.c.id == bindparam("key"))
    .values(
        **_DONE,
        fetched_at=bindparam("now"),
        cause_code=bindparam("cause"),
        etag=func.coalesce(bindparam("tag", type_=SafeText), _PAGES.c.etag),
        last_modified=func.coalesce(bindparam("modified", type_=SafeText), _PAGES.c.last_modified),
    )
)


def page_live(session: Session, page_id: int, until: datetime, again_at: datetime | None) -> None:
    """The page is a live blog that runs until then; wanted ``again_at``, or done with it for None."""
    values: dict[str, Any] = {"live_until": until}
    if again_at is not None:
        values |= {"state": "wanted", "wanted_at": again_at, "not_before": again_at, "attempts": 0}
    session.execute(update(Page).where(Page.id == page_id).values(values))


def keep_posts(session: Session, live: WantedPage, posts: Sequence[tuple[str, str]], now: datetime) -> None:
    """Note the (canonical, written) addresses of the posts of a live blog: known, and never fetched for themselves."""
    if not posts:
        return
    session.execute(
        dialect_insert(session, Page).on_conflict_do_nothing(),
        [
            {
                "url_key": url_key(url), "url": url, "raw_url": raw_url, "outlet": live.outlet,
                "source_id": live.source_id, "state": "done", "whole": True, "headline": False, "first_seen_at": now,
                "first_poll": False, "attempts": 0, "wanted_at": now, "not_before": now, "fetched_at": now,
            }
            for url, raw_url in posts
        ],
    )  # fmt: skip


def page_failed(session: Session, page_id: int, cause: str, retry_at: datetime | None, now: datetime) -> int:
    """How often it has failed now. With ``retry_at`` it stays wanted from then on; with None it is given up."""
    values: dict[str, Any] = {"attempts": Page.attempts + 1, "cause_code": cause, "fetched_at": Page.fetched_at}
    values |= {"state": "failed", "summary": None, "content": None} if retry_at is None else {"not_before": retry_at}
    session.execute(update(Page).where(Page.id == page_id).values(values))
    return session.scalar(select(Page.attempts).where(Page.id == page_id)) or 0


def want(session: Session, url: str, raw_url: str, outlet: str, source_id: str, now: datetime) -> bool:
    """Make the page at this canonical address wanted, or wanted again; False where it already is."""
    known = session.scalar(select(Page.state).where(Page.url_key == url_key(url)))
    if known == "wanted":
        return False
    if known is not None:
        session.execute(
            update(Page)
            .where(Page.url_key == url_key(url))
            .values(state="wanted", wanted_at=now, not_before=now, attempts=0, cause_code=None)
        )
        return True
    session.add(
        Page(
            url_key=url_key(url), url=url, raw_url=raw_url, outlet=outlet, source_id=source_id, state="wanted",
            first_seen_at=now, first_poll=False, attempts=0, wanted_at=now, not_before=now,
        )
    )  # fmt: skip
    session.flush()
    return True
