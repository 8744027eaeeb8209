"""One wanted page: fetched, read, stored; or stored from its feed entry when it cannot be.

::

    GET | block page? | read in the worker process | put together with the feed entry | store once | wake the classifier
     \\ it fails: the feed entry is stored at once, so that no attack is missed, and the page is tried again later

An entry that is an article by itself (a post of a channel, a headline of a search) is stored without a fetch.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from html import escape

from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from config.outlets import Outlet, Source
from config.settings import CrawlerSettings
from core.clock import Clock
from core.errors import FetchError, StorageError
from core.failpoints import reach
from core.page_habit import PageField
from crawler import blocks, compose, evidence, live
from crawler.counters import CrawlSummary
from crawler.fetch import Answer
from crawler.outcomes import NOT_MODIFIED, OK, SAYS_NOTHING_OF_PAGES, failure
from crawler.pages import ExtractedPage, PageTask
from crawler.reader import PageReader
from crawler.schedule import page_retry_at
from crawler.seeds import entry_of, post_seed, seed_of
from crawler.shelf import pauses_to_keep
from crawler.web import Web
from storage import articles as article_rows
from storage import courtesy, habits
from storage import pages as page_rows
from storage.engine import Database
from storage.prints import prints_of
from storage.values import Stored, StoredArticle, WantedPage

log = logging.getLogger(__name__)

FAULTS_MAX = 3  #: tries at a page that fails inside Basewatch
HEADLINE_KNOWN_FOR = timedelta(days=3)  #: a headline of a search is ours already if the outlet had it since then
_POSTS_AT_ONCE = 50  #: posts of a live blog in one transaction


class Pager:
    """Turns wanted pages into articles. ``take`` never raises for what an outlet does."""

    def __init__(
        self,
        settings: CrawlerSettings,
        *,
        web: Web,
        reader: PageReader,
        database: Database,
        clock: Clock,
        counts: CrawlSummary,
        find: Callable[[WantedPage], tuple[Outlet, Source | None]],
        on_stored: Callable[[Stored], None],
    ) -> None:
        self._settings, self._web, self._reader, self._database = settings, web, reader, database
        self._clock, self._counts, self._find, self._on_stored = clock, counts, find, on_stored
        self._chance = random.Random()  # noqa: S311  jitter, not a secret

    async def take(self, wanted: WantedPage) -> None:
        """Fetch this page and store its article, or store what the feed said and plan another try.

        What fails inside Basewatch is tried three times in all; then the feed's text has to do. Raises only what the
        database raises, since that is nothing of the page's.
        """
        outlet, source = self._find(wanted)
        try:
            await (self._take_whole if wanted.whole else self._take_page)(wanted, outlet, source)
        except (StorageError, OperationalError, ProgrammingError, InterfaceError):
            raise
        except Exception as error:  # noqa: BLE001  the edge of a page: one that breaks us must not be met for ever
            await self._poisoned(wanted, outlet, source, error)

    async def _take_page(self, wanted: WantedPage, outlet: Outlet, source: Source | None) -> None:
        known = await self._known(wanted) if wanted.fetched_before else None
        if known is not None and wanted.summary is None and wanted.content is None:
            # The text that was read before stands in for the feed's: a consent wall must not replace it, or an attack
            # would be withdrawn that stands.
            wanted = replace(wanted, content="".join(f"<p>{escape(line)}</p>" for line in known.text.splitlines()))
        is_read = known is not None and not known.from_feed_only
        is_read |= wanted.live_until is not None  # its posts were read, and it is no article itself
        try:
            answer = await self._fetched(wanted, conditional=is_read)
            if answer.status == 304:
                await self._unchanged(wanted)
                return
            page = await self._read(answer, outlet)
            if posts := live.posts_of(page, wanted, outlet, self._clock.now()):
                await self._take_posts(wanted, answer, page, posts, outlet, source)
                return
            draft = compose.from_page(page, entry_of(wanted), outlet, source, self._clock.now())
            if draft is None:
                raise failure("empty_page")
        except FetchError as error:
            await self._do_without(wanted, outlet, source, error)
            return
        self._counts.pages[OK] += 1
        seed = seed_of(wanted, outlet, source, draft, evidence.of_answer(answer, self._clock.now()), answer)
        now = self._clock.now()
        prints = prints_of(seed.title, seed.text)  # here, not in the transaction that others wait for

        def write(session: Session) -> Stored:
            habits.learn_page(session, wanted.source_id, draft.page)
            return article_rows.store(session, seed, now, prints)

        self._tell(await self._database.run_write(write))

    async def _take_posts(
        self,
        wanted: WantedPage,
        answer: Answer,
        page: ExtractedPage,
        posts: list[live.Post],
        outlet: Outlet,
        source: Source | None,
    ) -> None:
        """Store the new and changed posts of a live blog. The page is done, or wanted again, with the last of them."""
        self._counts.pages[OK] += 1
        now = self._clock.now()
        until = live.runs_until(page, posts, outlet, now)

        def write(session: Session, some: list[live.Post], *, is_last: bool) -> list[Stored]:
            page_rows.keep_posts(session, wanted, [(post.url, post.raw_url) for post in some], now)
            stored = [article_rows.store(session, post_seed(wanted, post, outlet, source, answer, now), now)
                      for post in some]  # fmt: skip
            if is_last:
                habits.learn_page(session, wanted.source_id, posts[0].draft.page)
                validators = {
                    name: answer.headers.get(key)
                    for name, key in (("etag", "etag"), ("last_modified", "last-modified"))
                }
                page_rows.page_done(session, wanted.id, now, **validators)
                page_rows.page_live(session, wanted.id, until, live.again_at(until, now))
            return stored

        for start in range(0, len(posts), _POSTS_AT_ONCE):
            some, is_last = posts[start : start + _POSTS_AT_ONCE], start + _POSTS_AT_ONCE >= len(posts)
            for one in await self._database.run_write(partial(write, some=some, is_last=is_last)):
                self._tell(one)

    async def _take_whole(self, wanted: WantedPage, outlet: Outlet, source: Source | None) -> None:
        """Store an entry that is the article. A headline of a search that we know otherwise brings nothing."""
        now = self._clock.now()
        draft = compose.from_feed(entry_of(wanted), outlet, source, now)
        draft = replace(draft, from_feed_only=False, author=wanted.author) if draft is not None else None
        since = wanted.first_seen_at - HEADLINE_KNOWN_FOR

        def write(session: Session) -> Stored | None:
            if draft is None:
                page_rows.page_done(session, wanted.id, now, cause="empty_page")
                return None
            if wanted.headline and article_rows.has_headline(session, outlet.family, draft.title, since):
                page_rows.page_done(session, wanted.id, now)
                return None
            return article_rows.store(
                session, seed_of(wanted, outlet, source, draft, evidence.of_words(draft, now)), now
            )

        stored = await self._database.run_write(write)
        self._counts.headlines_known += wanted.headline and stored is None
        if stored is not None:
            self._tell(stored)

    async def _poisoned(self, wanted: WantedPage, outlet: Outlet, source: Source | None, error: Exception) -> None:
        """Store what the feed said, as for any page that fails; after the last try leave the page alone."""
        self._counts.errors += 1
        tries = wanted.attempts + 1
        log.error(
            "A page of %s failed inside Basewatch (%d of %d tries): %s", wanted.outlet, tries, FAULTS_MAX,
            type(error).__name__, extra={"action": "page_fault", "outlet": wanted.outlet},
        )  # fmt: skip
        fault = failure("internal", type(error).__name__)
        try:
            await self._do_without(wanted, outlet, source, fault, give_up=tries >= FAULTS_MAX)
        except (StorageError, OperationalError, ProgrammingError, InterfaceError):
            raise
        except Exception:  # even its entry breaks us: nothing can be stored
            log.exception("An entry of %s cannot be stored", wanted.outlet, extra={"action": "entry_unstorable"})
            now = self._clock.now()
            retry_at = None if tries >= FAULTS_MAX else now + timedelta(minutes=1)
            await self._database.run_write(
                lambda session: page_rows.page_failed(session, wanted.id, "internal", retry_at, now)
            )

    async def _unchanged(self, wanted: WantedPage) -> None:
        """The page is as it was when its article was stored."""
        self._counts.pages[NOT_MODIFIED] += 1
        now = self._clock.now()

        def write(session: Session) -> None:
            page_rows.page_done(session, wanted.id, now, cause=NOT_MODIFIED)
            if wanted.live_until is not None:
                page_rows.page_live(session, wanted.id, wanted.live_until, live.again_at(wanted.live_until, now))

        await self._database.run_write(write)

    async def set_aside(self, wanted: WantedPage, seconds: float) -> None:
        """Store what the feed said: the host asked for a pause of ``seconds``, and nothing is asked before."""
        outlet, source = self._find(wanted)
        await self._do_without(wanted, outlet, source, failure("rate_limited", retry_after_s=seconds))

    async def _known(self, wanted: WantedPage) -> StoredArticle | None:
        return await self._database.run_read(lambda session: article_rows.article_by_url(session, wanted.url))

    async def _fetched(self, wanted: WantedPage, *, conditional: bool) -> Answer:
        headers = {"Accept": "text/html,*/*;q=0.5"}
        if conditional:
            conditions = {"If-None-Match": wanted.etag, "If-Modified-Since": wanted.last_modified}
            headers |= {name: value for name, value in conditions.items() if value}
        answer = await self._web.get(wanted.raw_url, max_bytes=self._settings.page_max_bytes, headers=headers)
        reach("after_page_fetch")
        self._counts.bytes_read += len(answer.body)
        if answer.status == 304:
            return answer
        blocks.refuse_no_page(answer.body, answer.headers, answer.content_type, answer.status)
        return answer

    async def _read(self, answer: Answer, outlet: Outlet) -> ExtractedPage:
        task = PageTask(body=answer.body, content_type=answer.content_type, selectors=outlet.selectors)
        page = await self._reader.read(task)
        if page.problem is not None and not page.paragraphs and not page.posts:
            raise failure(page.problem)
        return page

    async def _do_without(
        self, wanted: WantedPage, outlet: Outlet, source: Source | None, error: FetchError, *, give_up: bool = False
    ) -> None:
        """Store what the feed said, once, and note the failure, in one transaction. ``give_up``: no other try."""
        self._counts.pages[error.cause_code] += 1
        now = self._clock.now()
        # What was read from the page before is better than a teaser; what was stored at the first failure is there.
        draft = None
        if not wanted.fetched_before and wanted.attempts == 0:
            draft = compose.from_feed(entry_of(wanted), outlet, source, now)
        seed = seed_of(wanted, outlet, source, draft, None) if draft is not None else None
        retry_at = (
            None
            if give_up
            else page_retry_at(
                now,
                cause_code=error.cause_code,
                attempts=wanted.attempts + 1,
                retry_after_s=error.retry_after_s,
                chance=self._chance,
            )
        )

        pauses = pauses_to_keep(self._web.gate, now)

        def write(session: Session) -> Stored | None:
            courtesy.pause_hosts(session, pauses, now)
            if not wanted.attempts and error.cause_code not in SAYS_NOTHING_OF_PAGES:  # once a page
                habits.learn_page(session, wanted.source_id, PageField(0), error.cause_code)
            stored = article_rows.store(session, seed, now) if seed is not None else None
            page_rows.page_failed(session, wanted.id, error.cause_code, retry_at, now)
            return stored

        stored = await self._database.run_write(write)
        log.info(
            "A page of %s could not be read: %s", wanted.outlet, error,
            extra={"action": "page_failed", "outlet": wanted.outlet, "cause": error.cause_code},
        )  # fmt: skip
        if stored is not None:
            self._counts.articles_from_feed += 1
            self._tell(stored)

    def _tell(self, stored: Stored) -> None:
        reach("after_article_store")
        self._counts.articles_new += stored.is_new
        self._counts.articles_changed += stored.is_changed
        self._counts.articles_duplicate += stored.duplicate_of is not None
        if stored.is_new or stored.is_changed:
            self._on_stored(stored)
