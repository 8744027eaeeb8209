"""What an outlet deletes stays known, with who and when."""

from __future__ import annotations

from datetime import timedelta

from storage import deletions, incidents
from storage.engine import Database
from storage.reports import reports_of
from tests.storage.builders import NOW, incident_seed, mention, stored_article

LATER = NOW + timedelta(minutes=5)


def test_a_deleted_report_is_a_fact_of_its_incident_once_and_so_is_its_return(database: Database) -> None:
    with database.write() as session:
        article, other = stored_article(session, 1), stored_article(session, 2)
        incident_id = incidents.create_incident(session, incident_seed(), NOW)
        incidents.attach_report(session, incident_id, article, mention(article), NOW)
        urls = [article.url, other.url]
        assert deletions.note(session, shown=[], missing=urls, now=LATER) == 2
        assert deletions.note(session, shown=[], missing=urls, now=LATER + timedelta(hours=1)) == 0
        (report,) = reports_of(session, incident_id)
        assert report.gone_at == LATER
        assert deletions.note(session, shown=urls, missing=[], now=LATER + timedelta(hours=2)) == 0
        detail = incidents.incident_detail(session, incidents.public_id(incident_id))
        assert [(f.field, f.value, f.said_by, f.said_at, f.article_id) for f in detail.facts] == [
            ("post", "deleted by its outlet", article.outlet, LATER, article.article_id),
            ("post", "shown again", article.outlet, LATER + timedelta(hours=2), article.article_id),
        ]
        assert detail.reports[0].gone_at is None
        assert not detail.notices
