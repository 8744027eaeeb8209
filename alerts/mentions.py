"""From a verdict to mentions: what one article version tells, ready for the matcher; and what an edit takes back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta

from alerts.incidents import is_claim_batch
from alerts.sights import DATE_ONLY
from config.settings import AlertSettings
from core.values import Kind, Label, Mention, Verdict

BY_PEOPLE = "by_people"  #: key of ``Mention.extra``: people say that the article tells of this attack
SURELY_OTHER = 0.2  #: an edited article is taken back below this probability; between it and the threshold it stands


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """The article version that tells, as far as a mention needs it."""

    article_id: int
    version: int
    url: str
    outlet: str
    family: str
    outlet_name: str
    country_of_outlet: str | None
    published_at: datetime | None
    date_only: bool
    first_seen_at: datetime
    fingerprint: str | None


def is_positive(verdict: Verdict, threshold: float | None) -> bool:
    """Whether the verdict may open or join an incident; ``threshold`` None leaves it to the model's own."""
    if not verdict.attacks:
        return False
    return verdict.positive if threshold is None else verdict.probability >= threshold


def mentions_of(verdict: Verdict, teller: Teller, settings: AlertSettings) -> tuple[Mention, ...]:
    """One mention for each attack that counts; of a negative verdict, for each attack that it denies.

    A denial opens no incident: it only ever joins one that it denies. Lump claims ("29 operations in 24 hours") are no
    incidents; diplomatic sites count where the settings say so.
    """
    positive = is_positive(verdict, settings.threshold)
    label = verdict.label if verdict.positive else Label.UPDATE
    extra = {"url": teller.url, "outlet_name": teller.outlet_name}
    if teller.date_only:
        extra[DATE_ONLY] = "yes"
    return tuple(
        Mention(
            article_id=teller.article_id,
            version=teller.version,
            index=index,
            attack=attack,
            label=label,
            outlet=teller.outlet,
            family=teller.family,
            country_of_outlet=teller.country_of_outlet,
            published_at=_published(teller),
            first_seen_at=teller.first_seen_at,
            fingerprint=teller.fingerprint,
            extra=dict(extra),
        )
        for index, attack in enumerate(verdict.attacks)
        if (positive or attack.denied)
        and not is_claim_batch(attack)
        and (settings.diplomatic or attack.kind is not Kind.DIPLOMATIC)
    )


def _published(teller: Teller) -> datetime | None:
    """The time of publication; of a day without an hour its latest instant that can be, for ages count from there."""
    if teller.published_at is None or not teller.date_only:
        return teller.published_at
    day = teller.published_at.astimezone(UTC).date()
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
    return max(teller.published_at, min(end, teller.first_seen_at))


def follow(arrivals: Iterable[Mention], past: Sequence[Mention]) -> tuple[tuple[Mention, ...], tuple[Mention, ...]]:
    """The mentions of an edited article, each in the incident of the one that it replaces; and those not replaced.

    An earlier mention of the same base is replaced first, then the one at the same position. What is not replaced was
    taken back by the edit; so was what it now denies.
    """
    left = list(past)
    followed: list[Mention] = []
    for mention in arrivals:
        best = max(left, key=lambda old: _likeness(mention, old), default=None)
        if (
            best is not None
            and _likeness(mention, best) > (False, False)
            and mention.attack.denied == best.attack.denied
        ):
            left.remove(best)
            mention = replace(mention, incident_id=best.incident_id)
        followed.append(mention)
    return tuple(followed), tuple(left)


def _likeness(mention: Mention, old: Mention) -> tuple[bool, bool]:
    return mention.attack.base == old.attack.base, mention.index == old.index


def taken_back(verdict: Verdict) -> bool:
    """Whether an edited article that told of an attack surely tells of none any more."""
    return not verdict.positive and verdict.probability < SURELY_OTHER
