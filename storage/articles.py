"""Articles, stored once: one row a canonical URL, a version an edit, an alias a second address of the same words.

::

    URL known? -- yes -- words differ? -- yes -- new version (hash-only edits: at most EDITS_MAX, then counted)
        |                   `-- no -- nothing
        no -- same words in the family lately? -- yes -- alias of that article
                 `-- no -- new article, version 1
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Insert, ScalarSelect, Select, Table, bindparam, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from storage import sameness
from storage.copies import voice_of
from storage.fingerprints import words
from storage.pages import page_done
from storage.prints import Prints, prints_of
from storage.shingles import BANDS
from storage.tables import Article, ArticleUrl, ArticleVersion, Failure, Page, RawPage
from storage.types import storable, url_key
from storage.values import ArticleSeed, ParkedArticle, Stored, StoredArticle

EDITS_MAX = 24  #: edits under the same publication time that become versions (lemon24/reader's cap)
VERSIONS_MAX = 200  #: versions in all: a page that prints "now" as its publication time ends here
TRIES_MAX = 3  #: a version at which the classifier raised so often is parked


def store(session: Session, seed: ArticleSeed, now: datetime, prints: Prints | None = None) -> Stored:
    """Store what was read at ``now``; what came of it. The page of ``seed.page_id`` is done with it.

    ``first_seen_at`` of an article never moves. What a feed alone says never replaces what its page said. ``prints``:
    of the seed's title and text, from who had them made before the transaction.
    """
    if seed.page_id is not None:
        page_done(session, seed.page_id, now, etag=seed.etag, last_modified=seed.last_modified)
    prints = prints or prints_of(seed.title, seed.text)
    known = sameness.id_of_url(session, seed.url)
    if known is not None:
        article = session.get_one(Article, known)
        is_alias = article.url != storable(seed.url)
        return _seen_again(session, article, seed, prints, now, is_alias=is_alias)
    told_at = seed.published_at or seed.first_seen_at
    original = sameness.same_words(session, seed.family, prints.content_hash, prints.count, told_at)
    if original is not None:
        _add_url(session, seed, original.id, now)
        return Stored(
            article_id=original.id, version=original.current_version, is_new=False, is_changed=False,
            duplicate_of=original.id,
        )  # fmt: skip
    return _add_article(session, seed, prints, now)


def _add_article(session: Session, seed: ArticleSeed, prints: Prints, now: datetime) -> Stored:
    article_id = _added(
        session, _ADD_ARTICLE, url=seed.url, outlet=seed.outlet, family=seed.family, source_id=seed.source_id,
        page_id=seed.page_id, current_version=1, first_seen_at=seed.first_seen_at, first_poll=seed.first_poll,
        hash_only_edits=0, edits_dropped=0, headline_only=seed.headline_only,
    )  # fmt: skip
    _add_url(session, seed, article_id, now)
    _add_version(session, article_id, 1, seed, prints, now)
    return Stored(article_id=article_id, version=1, is_new=True, is_changed=False)


def _seen_again(
    session: Session, article: Article, seed: ArticleSeed, prints: Prints, now: datetime, *, is_alias: bool
) -> Stored:
    current = _version_row(session, article.id, article.current_version)
    unchanged = Stored(
        article_id=article.id, version=article.current_version, is_new=False, is_changed=False,
        duplicate_of=article.id if is_alias else None,
    )  # fmt: skip
    hashed = prints.content_hash
    known = current.content_hash == hashed or (is_alias and sameness.has_words(session, article.id, hashed))
    if known:
        _learn(session, current, seed)
        return unchanged
    if seed.from_feed_only and not current.from_feed_only:
        return unchanged
    page_arrived = current.from_feed_only and not seed.from_feed_only
    if not page_arrived and not _may_edit(article, current, seed):
        article.edits_dropped += 1
        session.flush()
        return unchanged
    article.current_version += 1
    article.edited_at = now
    session.flush()
    if current.state == "waiting":  # nobody has read it yet: only the newer words count
        current.state = "skipped"
    _add_version(session, article.id, article.current_version, seed, prints, now)
    return Stored(
        article_id=article.id, version=article.current_version, is_new=False, is_changed=True,
        duplicate_of=unchanged.duplicate_of,
    )  # fmt: skip


def _may_edit(article: Article, current: ArticleVersion, seed: ArticleSeed) -> bool:
    """Whether these words become a version; counts the edit where only the words differ."""
    if article.current_version >= VERSIONS_MAX:
        return False
    if seed.published_at is not None and seed.published_at != current.published_at:
        return True
    if article.hash_only_edits >= EDITS_MAX:
        return False
    article.hash_only_edits += 1
    return True


def _learn(session: Session, current: ArticleVersion, seed: ArticleSeed) -> None:
    """The same words again, but perhaps with a time or the page's bytes that were missing."""
    if current.published_at is None and seed.published_at is not None:
        current.published_at, current.published_raw = seed.published_at, seed.published_raw
        current.date_only = seed.date_only
    if current.from_feed_only and not seed.from_feed_only:
        current.from_feed_only = False
        _add_raw(session, current.id, seed)
    session.flush()


def _add_url(session: Session, seed: ArticleSeed, article_id: int, now: datetime) -> None:
    session.execute(
        _ADD_URL,
        {"url_key": url_key(seed.url), "url": seed.url, "article_id": article_id, "outlet": seed.outlet,
         "seen_at": now},
    )  # fmt: skip


def _add_version(
    session: Session, article_id: int, version: int, seed: ArticleSeed, prints: Prints, now: datetime
) -> None:
    keys = prints.keys or (None,) * BANDS
    version_id = _added(
        session, _ADD_VERSION, article_id=article_id, version=version, family=seed.family, title=seed.title,
        text=seed.text, lang=seed.lang, author=seed.author, published_at=seed.published_at,
        published_raw=seed.published_raw, date_only=seed.date_only, from_feed_only=seed.from_feed_only,
        content_hash=prints.content_hash, fingerprint=voice_of(session, seed.text, prints, now), stored_at=now,
        state="waiting", **{f"band_{number}": key for number, key in enumerate(keys, 1)},
    )  # fmt: skip
    _add_raw(session, version_id, seed)


def _added(session: Session, statement: Insert, **values: Any) -> int:
    """The id of the row that was added."""
    key = session.execute(statement, values).inserted_primary_key  # type: ignore[attr-defined]
    return int(key[0])


def _add_raw(session: Session, version_id: int, seed: ArticleSeed) -> None:
    if seed.raw is None:
        return
    raw = seed.raw
    session.execute(
        _add_raw_once(session.get_bind().dialect.name),
        {"version_id": version_id, "body": raw.body, "headers": raw.headers, "fetched_at": raw.fetched_at,
         "sha256": raw.sha256},
    )  # fmt: skip


def _version_row(session: Session, article_id: int, version: int) -> ArticleVersion:
    return session.scalars(_VERSION, {"article": article_id, "version": version}).one()


# Built once, of tables: every article that is read passes these, and most bring nothing new. An object of the ORM
# costs more than writing its row (measured).
_ADD_ARTICLE, _ADD_URL, _ADD_VERSION = (
    insert(cast("Table", table.__table__)) for table in (Article, ArticleUrl, ArticleVersion)
)
_VERSION = select(ArticleVersion).where(
    ArticleVersion.article_id == bindparam("article"), ArticleVersion.version == bindparam("version")
)


@cache
def _add_raw_once(dialect: str) -> Any:
    table = cast("Table", RawPage.__table__)
    return (postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)).on_conflict_do_nothing()


# ---- reading


def raw_url_of_article() -> ScalarSelect[str]:
    """The address of the selected Article as its outlet wrote it, as a column; NULL where it never was a page."""
    return (
        select(Page.raw_url)
        .join(ArticleUrl, ArticleUrl.url_key == Page.url_key)
        .where(ArticleUrl.article_id == Article.id, ArticleUrl.url == Article.url)
        .correlate(Article)
        .limit(1)
        .scalar_subquery()
    )


def _stored_columns() -> Select[*tuple[Any, ...]]:
    return select(
        ArticleVersion.article_id, ArticleVersion.version, ArticleVersion.id.label("version_id"), Article.url,
        Article.outlet, Article.family, Article.source_id, ArticleVersion.lang, ArticleVersion.title,
        ArticleVersion.text, ArticleVersion.author, ArticleVersion.published_at, ArticleVersion.published_raw,
        ArticleVersion.date_only, Article.first_seen_at, ArticleVersion.stored_at, Article.first_poll,
        ArticleVersion.from_feed_only, ArticleVersion.fingerprint, raw_url_of_article().label("raw_url"),
        Article.headline_only, Article.gone_at,
    ).join(Article, Article.id == ArticleVersion.article_id)  # fmt: skip


def _stored(row: Any) -> StoredArticle:
    values = dict(row)
    stored_at = values.pop("stored_at")
    return StoredArticle(edited_at=stored_at if values["version"] > 1 else None, **values)


def unclassified(session: Session, model: str, limit: int = 100) -> list[StoredArticle]:
    """Versions that no model has judged and that are not parked; fewest failures first, then the oldest.

    ``model`` is the asker's; a version judged by an older model is not handed out again: re-classifying after an
    upgrade never alerts.
    """
    statement = (
        _stored_columns()
        .outerjoin(Failure, Failure.version_id == ArticleVersion.id)
        .where(ArticleVersion.state == "waiting")
        .order_by(func.coalesce(Failure.tries, 0), ArticleVersion.id)
        .limit(limit)
    )
    return [_stored(row) for row in session.execute(statement).mappings()]


def count_unclassified(session: Session) -> int:
    return (
        session.scalar(select(func.count()).select_from(ArticleVersion).where(ArticleVersion.state == "waiting")) or 0
    )


def article(session: Session, article_id: int, version: int | None = None) -> StoredArticle | None:
    """One version, the current one by default; None if there is none."""
    wanted = Article.current_version if version is None else version
    statement = _stored_columns().where(ArticleVersion.article_id == article_id, ArticleVersion.version == wanted)
    row = session.execute(statement).mappings().first()
    return _stored(row) if row else None


def article_by_url(session: Session, url: str) -> StoredArticle | None:
    """The current version of the article met under this canonical URL, aliases included."""
    article_id = sameness.id_of_url(session, url)
    return None if article_id is None else article(session, article_id)


def has_headline(session: Session, family: str, title: str, since: datetime) -> bool:
    """Whether an article of this family first seen since then bears this title, whatever its spelling of marks."""
    wanted = words(title)
    statement = (
        select(ArticleVersion.title)
        .join(Article, Article.id == ArticleVersion.article_id)
        .where(Article.first_seen_at >= since, Article.family == family)
    )
    return any(words(known) == wanted for known in session.scalars(statement))


def urls_of(session: Session, article_id: int) -> list[str]:
    """Every address of the article, in order of appearance."""
    statement = select(ArticleUrl.url).where(ArticleUrl.article_id == article_id)
    return list(session.scalars(statement.order_by(ArticleUrl.seen_at, ArticleUrl.url)))


# ---- failures of the classifier


def record_failure(session: Session, article_id: int, version: int, error: str, now: datetime) -> int:
    """How often this version has failed; at TRIES_MAX it is parked: shown and counted, no longer in the way."""
    row = _version_row(session, article_id, version)
    failure = session.get(Failure, row.id)
    if failure is None:
        failure = Failure(version_id=row.id, tries=0, error=error, first_at=now, last_at=now, parked_at=None)
        session.add(failure)
    failure.tries += 1
    failure.error, failure.last_at = error, now
    if failure.tries >= TRIES_MAX and failure.parked_at is None:
        failure.parked_at = now
        row.state = "parked"
    session.flush()
    return failure.tries


def failures(session: Session, *, parked_only: bool = False, limit: int = 100) -> list[ParkedArticle]:
    """Versions at which the classifier raised, the latest first."""
    statement = (
        select(Failure, ArticleVersion.article_id, ArticleVersion.version, ArticleVersion.title, Article.url)
        .join(ArticleVersion, ArticleVersion.id == Failure.version_id)
        .join(Article, Article.id == ArticleVersion.article_id)
        .order_by(Failure.last_at.desc())
        .limit(limit)
    )
    if parked_only:
        statement = statement.where(Failure.parked_at.is_not(None))
    return [
        ParkedArticle(
            article_id=article_id, version=version, url=url, title=title, tries=failure.tries, error=failure.error,
            last_at=failure.last_at, parked=failure.parked_at is not None,
        )
        for failure, article_id, version, title, url in session.execute(statement)
    ]  # fmt: skip


def unpark(session: Session, article_id: int, version: int) -> bool:
    """Let the classifier try a parked version again; False if it is not parked."""
    row = _version_row(session, article_id, version)
    if row.state != "parked":
        return False
    row.state = "waiting"
    session.execute(update(Failure).where(Failure.version_id == row.id).values(tries=0, parked_at=None))
    session.flush()
    return True


def drop_parked(session: Session, article_id: int, version: int) -> bool:
    """Give a parked version up: it stays, unjudged, and nobody is shown it again; False if it is not parked."""
    row = _version_row(session, article_id, version)
    if row.state != "parked":
        return False
    row.state = "skipped"
    session.execute(update(Failure).where(Failure.version_id == row.id).values(parked_at=None))
    session.flush()
    return True
