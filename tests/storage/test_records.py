"""The whole record of an article: versions, evidence, verdicts, incidents."""

from __future__ import annotations

import gzip
import hashlib
from datetime import timedelta

from core.values import Label
from storage import deletions, incidents, records, reports
from storage.engine import Database
from storage.values import RawPage
from storage.values.records import ArticleFilter
from tests.storage.builders import BODY, NOW, incident_seed, mention, store, stored_article, verdict

PAGE = b"<html>a page</html>"
RAW = RawPage(
    body=gzip.compress(PAGE), headers={"etag": '"1"'}, fetched_at=NOW, sha256=hashlib.sha256(PAGE).hexdigest()
)


def test_a_record_holds_versions_with_evidence_and_verdict_and_its_incidents(database: Database) -> None:
    with database.write() as session:
        article = stored_article(session, 1, raw=RAW)
        reports.save_verdict(session, article, verdict(), NOW)
        incident = incidents.create_incident(session, incident_seed(), NOW)
        incidents.attach_report(session, incident, article, mention(article), NOW)
        store(session, 1, NOW + timedelta(hours=1), text=BODY + " More.")
        store(session, 1, NOW + timedelta(hours=2), url="https://example.org/alias", text=BODY + " More.")
    with database.read() as session:
        found = records.article_record(session, article.article_id)
        assert found is not None
        first, second = found.versions
        assert (first.label, second.label, second.state) == (Label.ATTACK, None, "waiting")
        assert first.evidence is not None
        assert (first.evidence.sha256, second.evidence) == (RAW.sha256, None)
        assert found.incidents == (incidents.public_id(incident),)
        assert found.addresses == ("https://example.org/news/1", "https://example.org/alias")
        assert records.article_id_of(session, "https://example.org/alias") == article.article_id
        copy = records.evidence_copy(session, article.article_id, 1)
        assert copy is not None
        assert (copy.body, copy.headers) == (PAGE, RAW.headers)
        assert records.evidence_copy(session, article.article_id, 2) is None
        assert records.article_record(session, 4711) is None


def test_lists_come_in_the_order_of_what_they_are_about(database: Database) -> None:
    with database.write() as session:
        for number in (1, 2, 3):
            store(session, number, text=f"{number} {BODY}", first_seen_at=NOW + timedelta(minutes=number))
        for number, minutes in ((2, 30), (1, 60)):
            store(session, number, NOW + timedelta(minutes=minutes), text=f"{number} edited {BODY}")
        deletions.note(session, shown=[], missing=["https://example.org/news/3"], now=NOW)
    with database.read() as session:
        for which, numbers in (
            (ArticleFilter(), [3, 2, 1]),
            (ArticleFilter(edited=True), [1, 2]),
            (ArticleFilter(deleted=True), [3]),
            (ArticleFilter(edited=True, limit=1), [1]),
        ):
            assert [line.article_id for line in records.article_lines(session, which)] == numbers
