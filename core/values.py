"""The values that cross folders: frozen, keyword-only, refusing what would be wrong later.

Words are those of docs/architecture.md. Rows stay inside ``storage/``; everything else speaks in these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

UNNAMED = "unnamed"  #: base of an attack whose report names no site
OTHER_NAMED = "other-named"  #: base of an attack on a site that the watch's list does not hold; see ``Attack.place``

CANARY_OUTLET = "basewatch-canary"  #: outlet of the made-up articles that Basewatch tests itself with


class Label(StrEnum):
    """What the classifier says of an article; ATTACK and UPDATE are the positive class."""

    ATTACK = "attack"
    UPDATE = "update"
    OTHER = "other"


class Weapon(StrEnum):
    """What was used, as far as the report says."""

    DRONE = "drone"
    ROCKET = "rocket"
    BALLISTIC_MISSILE = "ballistic_missile"
    MISSILE = "missile"
    MORTAR = "mortar"
    IED = "ied"
    GUNFIRE = "gunfire"
    SUICIDE_VEHICLE = "suicide_vehicle"
    UNKNOWN = "unknown"


class Outcome(StrEnum):
    """What became of the attack."""

    HIT = "hit"
    INTERCEPTED = "intercepted"
    MISSED = "missed"
    PARTLY_INTERCEPTED = "partly_intercepted"
    FOILED = "foiled"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What was attacked."""

    AIRBASE = "airbase"
    OUTPOST = "outpost"
    LOGISTICS = "logistics"
    NAVAL = "naval"
    DIPLOMATIC = "diplomatic"
    RADAR = "radar"
    CONVOY = "convoy"
    FORCE = "force"  #: troops or a base that no gazetteer entry describes


class OriginKind(StrEnum):
    """Whose word a report passes on, weakest last; it decides an incident's status."""

    OFFICIAL = "official"  #: a named official or body with authority over the place
    UNNAMED_OFFICIAL = "unnamed_official"  #: "a US official said, asking not to be named"
    SOURCE = "source"  #: a security source, a witness, residents
    MEDIA = "media"  #: another outlet or wire is cited
    OUTLET = "outlet"  #: the outlet's own reporting, nobody cited
    ATTACKER = "attacker"  #: the attacker's own claim


class Status(StrEnum):
    """How certain an incident is."""

    CLAIMED = "claimed"
    REPORTED = "reported"
    CORROBORATED = "corroborated"
    CONFIRMED = "confirmed"
    DENIED = "denied"
    RETRACTED = "retracted"


class Severity(StrEnum):
    """How grave an incident is, from its facts alone; S4 is the gravest."""

    S1 = "S1"
    S2 = "S2"
    S3 = "S3"
    S4 = "S4"


class NoticeKind(StrEnum):
    """Why a notice is sent."""

    NEW = "new"
    UPDATE = "update"
    CORRECTION = "correction"
    DIGEST = "digest"
    SYSTEM = "system"
    TEST = "test"


class TextReason(StrEnum):
    """Why a notice is sent that is told by a text: it concerns no incident, or repeats one.

    ``alerts.system`` takes no other reason, and each has words in every language (``config/told.py``).
    """

    CHANNELS_TEST = "channels-test"
    CANARY = "canary"
    CANARY_LATE = "canary-late"
    CANARY_MISSED = "canary-missed"
    CHANNEL_PAUSED = "channel-paused"
    CHANNEL_BACK = "channel-back"
    CHANNEL_FAILING = "channel-failing"
    DELIVERY_DEAD = "delivery-dead"
    DEAF = "deaf"
    HALF_DEAF = "half-deaf"
    HEARING_AGAIN = "hearing-again"
    OUTLET_TROUBLE = "outlet-trouble"
    OUTLET_RECOVERY = "outlet-recovery"
    STRANDED = "stranded"
    WITHDRAWN_YET_REPORTED = "withdrawn-yet-reported"
    ALL_WELL = "all-well"
    SLEPT = "slept"
    JOB_TROUBLE = "job-trouble"
    RELOAD_REFUSED = "reload-refused"
    DISK_LOW = "disk-low"
    WAL_LARGE = "wal-large"
    DATABASE_GONE = "database-gone"
    NOT_ACKNOWLEDGED = "not-acknowledged"
    HELD_BACK = "held-back"  #: a digest, written in the language of its channel
    BACKLOG = "backlog"  #: the same


class DeliveryState(StrEnum):
    """Where one notice to one channel stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DEAD = "dead"
    HELD = "held"  #: waits for quiet hours, a silence, a digest hour or a burst to end
    DIGESTED = "digested"  #: named by a digest instead of sent by itself


def check_aware(name: str, value: datetime | None) -> None:
    """Raise ValueError for an instant without a zone: it would mean another time on another machine."""
    if value is not None and value.tzinfo is None:
        raise ValueError(f"{name} has no time zone: {value.isoformat()}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article as the classifier reads it."""

    title: str
    text: str  #: the body, paragraphs separated by a blank line; may be empty (a flash is its title)
    published_at: datetime | None = None  #: aware; None where the page gives no time
    first_seen_at: datetime | None = None  #: aware; relative dates count from here when published_at is None
    date_only: bool = False  #: published_at carries a day but no time of day
    outlet: str | None = None  #: slug or name of the outlet
    lang: str | None = None  #: what the outlet calls its language; a hint, never believed against the text
    url: str | None = None

    def __post_init__(self) -> None:
        check_aware("published_at", self.published_at)
        check_aware("first_seen_at", self.first_seen_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """The words that prove one field: ``(title + "\\n\\n" + text)[start:end] == text_of_evidence``."""

    field: str  #: name of the field of ``Attack`` that the words support, or "attack" for the whole
    text: str
    start: int  #: code points from the start of title + blank line + text
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Whom a report cites. Two reports with one key are one voice."""

    kind: OriginKind
    name: str  #: "Kurdistan CTG", "Reuters", "a security source"; the actor id for an attacker

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name.casefold()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One attack as one article tells it. None means "not stated", never 0."""

    base: str = UNNAMED  #: site id of the watch, OTHER_NAMED or UNNAMED
    place: str | None = None  #: name of the place, as written, where base is no site id
    country: str | None = None  #: ISO 3166 alpha-2
    kind: Kind | None = None
    event_from: datetime | None = None  #: aware UTC
    event_to: datetime | None = None  #: aware UTC
    date: date | None = None  #: local day of the attack
    date_inferred: bool = False  #: the day follows from first sight or publication, the text does not say it
    #: the day is counted back from publication ("yesterday"): one outlet's may be a day off. No label of a corpus has
    #: it: it stays out of the repr, from which the hash of a corpus is made
    date_relative: bool = field(default=False, repr=False)
    weapons: tuple[Weapon, ...] = ()  #: sorted by value, no doubles
    count: int | None = None  #: munitions
    outcome: Outcome = Outcome.UNKNOWN
    killed: int | None = None  #: US and coalition personnel
    injured: int | None = None  #: US and coalition personnel
    killed_others: int | None = None  #: local forces and civilians
    injured_others: int | None = None  #: local forces and civilians
    claimed_by: str | None = None  #: actor id
    attributed_to: str | None = None  #: actor id
    denied: bool = False  #: the article says that this attack did not happen
    another: bool = False  #: the text calls it "second", "another", "new" beside an earlier one of the same day
    origins: tuple[Origin, ...] = ()  #: whom the article cites for it, in order of appearance
    evidence: tuple[Evidence, ...] = ()

    def __post_init__(self) -> None:
        check_aware("event_from", self.event_from)
        check_aware("event_to", self.event_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the classifier says of one article version."""

    label: Label
    probability: float  #: calibrated P(attack or update)
    lang: str  #: detected, "und" where nothing tells
    attacks: tuple[Attack, ...] = ()
    reasons: tuple[str, ...] = ()  #: sentences, each starting with "for: " or "against: ", strongest first
    model: str = ""  #: hash of lexicons, watch, code version and weights

    @property
    def positive(self) -> bool:
        return self.label is not Label.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One attack in one stored article version: what the matcher clusters into incidents."""

    article_id: int
    version: int
    index: int  #: position of the attack within the verdict
    attack: Attack
    label: Label
    outlet: str  #: slug
    family: str  #: outlets of one family are one voice
    country_of_outlet: str | None = None
    published_at: datetime | None = None
    first_seen_at: datetime
    fingerprint: str | None = None  #: equal for copies of one wire text
    incident_id: int | None = None  #: where it stands now; None for a new one
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def known_at(self) -> datetime:
        """Publication where it is known, else first sight."""
        return self.published_at or self.first_seen_at
