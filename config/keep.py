"""How long what is kept is kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from config.fields import Section, setting

LEAST_ARTICLE_DAYS = 31  #: copies of an article are recognised for 30 days: it must be there as long


def _check_articles(days: float) -> float:
    if 0 < days < LEAST_ARTICLE_DAYS:
        raise ValueError(f"must be 0 (for ever) or at least {LEAST_ARTICLE_DAYS}: copies are told by older articles")
    return days


class KeepSettings(Section):
    """How long each kind is kept; 0 keeps it for ever. Incidents, their notices, reports and evidence always stay."""

    raw_pages_days: float = setting(30, "Pages as they came; those behind a report stay.", unit="days", ge=0)
    entries_days: float = setting(90, "Feed entries that no feed shows any more.", unit="days", ge=0)
    articles_days: Annotated[float, AfterValidator(_check_articles)] = setting(
        730, "Articles that made no report, with their versions and verdicts.", unit="days", ge=0
    )
    verdicts_days: float = setting(400, "Verdicts on articles that made no report.", unit="days", ge=0)
    attempts_days: float = setting(400, "Attempts of deliveries that were sent.", unit="days", ge=0)
    notices_days: float = setting(400, "Notices about Basewatch itself (system, digest) once sent.", unit="days", ge=0)
