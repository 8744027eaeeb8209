"""What the functions of ``storage/`` take and hand out: frozen, without a session behind them.

Seeds go in, views come out. Instants are aware UTC throughout.
"""

from storage.values.articles import ArticleSeed, ParkedArticle, RawPage, Stored, StoredArticle
from storage.values.attention import Acknowledged, FollowUpView, SilenceSeed, SilenceView
from storage.values.delivery import (
    AttemptView,
    ClaimedDelivery,
    DeliveryView,
    HeldDelivery,
    Hold,
    NoticeRef,
    NoticeView,
    PausedChannel,
    QueueSeed,
)
from storage.values.incidents import (
    FactSeed,
    FactView,
    IncidentDetail,
    IncidentFilter,
    IncidentSeed,
    IncidentView,
    ReportView,
    StoredVerdict,
)
from storage.values.people import DecisionSeed, DecisionView, LinkView
from storage.values.sources import EntrySeed, PartState, PollOutcome, PollRecorded, SourceSeed, SourceState, WantedPage

__all__ = [
    "Acknowledged",
    "ArticleSeed",
    "AttemptView",
    "ClaimedDelivery",
    "DecisionSeed",
    "DecisionView",
    "DeliveryView",
    "EntrySeed",
    "FactSeed",
    "FactView",
    "FollowUpView",
    "HeldDelivery",
    "Hold",
    "IncidentDetail",
    "IncidentFilter",
    "IncidentSeed",
    "IncidentView",
    "LinkView",
    "NoticeRef",
    "NoticeView",
    "ParkedArticle",
    "PartState",
    "PausedChannel",
    "PollOutcome",
    "PollRecorded",
    "QueueSeed",
    "RawPage",
    "ReportView",
    "SilenceSeed",
    "SilenceView",
    "SourceSeed",
    "SourceState",
    "Stored",
    "StoredArticle",
    "StoredVerdict",
    "WantedPage",
]
