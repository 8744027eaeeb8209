"""Mentions, states and settings for the tests of incidents, with defaults that say nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

from alerts.places import Places
from config.watch import Watch, load_watch
from core.values import UNNAMED, Attack, Label, Mention, Origin, OriginKind, Outcome, Weapon

T0 = datetime(2026, 3, 10, 18, 30, tzinfo=UTC)  #: 21:30 in Baghdad
DAY = date(2026, 3, 10)


@cache
def the_watch() -> Watch:
    return load_watch()


@cache
def the_places() -> Places:
    return Places(the_watch())


def attack(base: str = "erbil-airbase", *, weapons: Iterable[Weapon] = (Weapon.DRONE,), **fields: Any) -> Attack:
    fields.setdefault("date", DAY)
    if base == UNNAMED or base == "other-named":
        fields.setdefault("country", "IQ")
    return Attack(base=base, weapons=tuple(sorted(weapons)), **fields)


_DEFAULT = attack()


def mention(
    article_id: int = 1,
    told: Attack = _DEFAULT,
    *,
    outlet: str | None = None,
    minutes: float = 0,
    label: Label = Label.ATTACK,
    index: int = 0,
    **fields: Any,
) -> Mention:
    """A mention known ``minutes`` after T0, from an outlet of its own unless one is named."""
    outlet = outlet or f"outlet-{article_id}"
    known = T0 + timedelta(minutes=minutes)
    return Mention(
        article_id=article_id,
        version=fields.pop("version", 1),
        index=index,
        attack=told,
        label=label,
        outlet=outlet,
        family=fields.pop("family", outlet),
        published_at=known,
        first_seen_at=fields.pop("first_seen_at", known),
        extra={"url": f"https://{outlet}.example/{article_id}"},
        **fields,
    )


def origin(kind: OriginKind, name: str = "a security source") -> Origin:
    return Origin(kind=kind, name=name)


def local(day: date, hour: int, minute: int = 0) -> datetime:
    """An hour in Baghdad (UTC+3, no summer time), as UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=3)


HIT, INTERCEPTED = Outcome.HIT, Outcome.INTERCEPTED
DRONE, ROCKET, MISSILE = Weapon.DRONE, Weapon.ROCKET, Weapon.MISSILE
