"""Every table, in the order in which an article passes them: collection, incidents, people, delivery, attention.

Rows stay inside ``storage/``: the functions beside this package hand out frozen values. Uniqueness is a constraint
here, never a habit of the callers. A change here needs a migration (``storage/migrations``); a test compares the two.
"""

from storage.tables.attention import Acknowledgement, FollowUp, Silence
from storage.tables.base import Base, Meta, UrlKey
from storage.tables.collection import (
    Article,
    ArticleUrl,
    ArticleVersion,
    Entry,
    HostPause,
    Page,
    RawPage,
    SiteRules,
    Source,
    SourceHabit,
    SourcePart,
)
from storage.tables.delivery import Delivery, DeliveryAttempt, Notice, PausedChannel
from storage.tables.incidents import Fact, Failure, Incident, Report, Verdict
from storage.tables.people import Decision, DecisionLink, DigestItem, HeldIncident, WaitingDenial

__all__ = [
    "Acknowledgement",
    "Article",
    "ArticleUrl",
    "ArticleVersion",
    "Base",
    "Decision",
    "DecisionLink",
    "Delivery",
    "DeliveryAttempt",
    "DigestItem",
    "Entry",
    "Fact",
    "Failure",
    "FollowUp",
    "HeldIncident",
    "HostPause",
    "Incident",
    "Meta",
    "Notice",
    "Page",
    "PausedChannel",
    "RawPage",
    "Report",
    "Silence",
    "SiteRules",
    "Source",
    "SourceHabit",
    "SourcePart",
    "UrlKey",
    "Verdict",
    "WaitingDenial",
]
