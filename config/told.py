"""Which notices are told by a text, and what code gives to each: what every language but English has words for.

English is written where the notice is made. ``phrases.py`` refuses a language that lacks one of these, or asks for a
name that is not given.

A specification names what is given: ``name``, ``name?`` where it may be missing (a line that asks for it is left out
then) and ``name*`` for a list, each entry of which names one of ``LINES`` as ``say``. What the name of a value says:
``since`` is an instant, ``…_ago`` an instant that is told as "6 minutes ago", ``why`` and ``fields`` are looked up in
the table ``why``; a number whose name has plural forms (``forms.<name>``) stands with its noun.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from core.values import TextReason


class Given(StrEnum):
    """How a value is given."""

    ALWAYS = ""
    PERHAPS = "?"
    LIST = "*"


#: reason -> phrase -> what it is given; a notice with several phrases names its own as ``say``
TOLD: Mapping[TextReason, Mapping[str, str]] = {
    TextReason.CHANNELS_TEST: {"channels-test": ""},
    TextReason.CANARY: {"canary": "site"},
    TextReason.CANARY_LATE: {"canary-late": ""},
    TextReason.CANARY_MISSED: {"canary-missed": "verdict percent"},
    TextReason.CHANNEL_PAUSED: {"channel-paused": "channel why minutes"},
    TextReason.CHANNEL_BACK: {"channel-back": "channel waiting"},
    TextReason.CHANNEL_FAILING: {"channel-failing": "channel notice attempts why"},
    TextReason.DELIVERY_DEAD: {"delivery-dead": "notice channel why delivery"},
    TextReason.DEAF: {"deaf": "failing why minutes"},
    TextReason.HALF_DEAF: {"half-deaf": "answering known why minutes"},
    TextReason.HEARING_AGAIN: {"hearing-again": "answering polled"},
    TextReason.OUTLET_TROUBLE: {"outlet-trouble": "sources trouble* more? well? well_sources? well_more?"},
    TextReason.OUTLET_RECOVERY: {"outlet-recovery": "sources well? well_more?"},
    TextReason.STRANDED: {"stranded": "channels days waiting*"},
    TextReason.WITHDRAWN_YET_REPORTED: {"withdrawn-yet-reported": "incident by"},
    TextReason.ALL_WELL: dict.fromkeys(
        ("all-well", "not-well"),
        "articles attacks notices rings answering failing waiting held trouble* article_ago? answer_ago? canary_ago? "
        "silences?",
    ),
    TextReason.SLEPT: {"slept": "minutes", "slept-hours": "hours"},
    TextReason.JOB_TROUBLE: dict.fromkeys(("job-failed", "job-skipped", "job-missed"), "job times"),
    TextReason.RELOAD_REFUSED: {"reload-refused": "why"},
    TextReason.DISK_LOW: {"disk-low": "path mib"},
    TextReason.WAL_LARGE: {"wal-large": "mib"},
    TextReason.DATABASE_GONE: {"database-gone": "path"},
    TextReason.NOT_ACKNOWLEDGED: {"reminder": "since reminder incident", "passed-on": "since channels incident"},
}

#: the entries of lists
LINES: Mapping[str, str] = {
    "source-quiet": "source since expected",
    "source-layout": "source fields",
    "source-blocked": "source since why",
    "source-failing": "source since why",
    "source-blocked-now": "source why",
    "source-failing-now": "source why",
    "pages-blocked": "source why",
    "pages-failing": "source why",
    "source-well": "source",
    "channel-waiting": "channel waiting",
    "no-article": "",
    "paused": "channels",
    "given-up": "given_up",
    "unclassified": "unclassified",
    "unrouted": "unrouted",
    "no-canary": "",
}


def phrases_of() -> dict[str, str]:
    """Every phrase of ``TOLD`` with what it is given."""
    return {key: given for phrases in TOLD.values() for key, given in phrases.items()}


def names(given: str) -> dict[str, Given]:
    """The names of a specification."""
    return {name.rstrip("?*"): Given(name[len(name.rstrip("?*")) :]) for name in given.split()}
