"""``basewatch routes explain`` and ``routes try``: what the rules do with an incident, or would have done."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from alerts.headline import first_line
from alerts.routes.facts import facts_of
from alerts.routes.holding import Around
from alerts.routes.matching import Considered
from alerts.routes.planning import Plan, Planned, plan
from basewatch.commands.spans import span_of
from config.settings import Settings
from core.clock import utc_now
from core.documents import NoticeDocument
from core.errors import InputError
from storage import attention, incidents, notices, silences
from storage.engine import open_database
from storage.values import Acknowledged, FollowUpView, NoticeView


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One notice of the past, and what the rules of today would have done with it."""

    notice: NoticeView
    plan: Plan


def explain(settings: Settings, public_id: str, *, as_json: bool = False, console: Console | None = None) -> None:
    """Say which rules fit the newest notice of an incident, which not and why, and who would get what now."""
    now = utc_now()
    with open_database(settings.database_address, create=False, migrate=False) as database, database.read() as session:
        incident = incidents.resolve(session, public_id)
        told = notices.notices_of(session, incident.id)
        if not told:
            raise InputError(f"nothing was told of {incident.public_id} yet, so there is nothing to route")
        family = frozenset(attention.family(session, incident.id))
        force, answers = silences.holding(session, now), attention.acknowledgements_of(session, incident.id)
        waiting = [one for one in attention.follow_ups_of(session, incident.id) if one.done_at is None]
    document = NoticeDocument.model_validate(told[-1].document)
    facts = facts_of(document, rang=any(one.ring for one in told[:-1]), incident_ids=family)
    if facts is None:
        raise InputError(f"{told[-1].public_id} concerns no incident, so no rule is asked")
    made = plan(facts, settings, Around(silences=force), now)
    if as_json:
        print(json.dumps(_explained(told[-1], made, answers, waiting), ensure_ascii=False))  # noqa: T201
        return
    out = console or Console(highlight=False)
    out.print(Text(f"{told[-1].public_id} {first_line(document, now=now)}"), soft_wrap=True)
    for line in _lines(made, settings, answers, waiting):
        out.print(Text(line), soft_wrap=True)


def _lines(made: Plan, settings: Settings, answers: list[Acknowledged], waiting: list[FollowUpView]) -> Iterator[str]:
    if not settings.routes:
        yield "There are no rules: each channel takes what its own settings say."
    for one in made.considered:
        yield f"Rule {one.number} ({one.route.name}): {verdict_of(one)}"
    for planned in made.channels:
        by = f", by rule {planned.route}" if planned.route else ""
        yield f"Channel {planned.channel}{by}: {fate_of(planned)}"
    if not any(planned.refused is None for planned in made.channels):
        yield "Nobody gets it."
    for answer in answers:
        yield f"Acknowledged by {answer.by}, {answer.at:%d %b %H:%M} UTC" + (f": {answer.note}" if answer.note else "")
    for follow_up in waiting:
        what = "repeated" if follow_up.kind == "repeat" else "passed on"
        yield f"Waits to be acknowledged (rule {follow_up.route}): {what} at {follow_up.next_at:%H:%M:%S} UTC"


def verdict_of(one: Considered) -> str:
    """What became of a rule, in words."""
    if not one.reached:
        return "not asked, a rule above has decided"
    if one.why_not:
        return f"does not fit: {'; '.join(one.why_not)}"
    after = ", and the rules below are asked, too" if one.route.continue_ else ""
    return f"fits, to {', '.join(one.route.channels) or 'nobody'}{after}"


def fate_of(planned: Planned) -> str:
    """What a channel gets, in words."""
    if planned.refused is not None:
        return f"nothing, {planned.refused}"
    if planned.hold is not None:
        return f"held back, {planned.hold.note}"
    return "now, ringing" if planned.ring else "now"


def _explained(
    notice: NoticeView, made: Plan, answers: list[Acknowledged], waiting: list[FollowUpView]
) -> dict[str, Any]:
    return {
        "notice": notice.public_id,
        "rules": [
            {
                "number": one.number,
                "name": one.route.name,
                "reached": one.reached,
                "fits": one.fits,
                "why_not": one.why_not,
            }
            for one in made.considered
        ],
        "channels": [_fate(planned) for planned in made.channels],
        "acknowledged": [{"by": one.by, "at": one.at.isoformat(), "note": one.note} for one in answers],
        "waiting": [
            {"rule": one.route, "kind": one.kind, "next_at": one.next_at.isoformat(), "done": one.step}
            for one in waiting
        ],
    }  # fmt: skip


def _fate(planned: Planned) -> dict[str, Any]:
    return {
        "channel": planned.channel,
        "rule": planned.route,
        "ring": planned.ring,
        "refused": planned.refused,
        "held": planned.hold.note if planned.hold else None,
        "until": planned.hold.until.isoformat() if planned.hold else None,
    }


def try_out(settings: Settings, since: str, *, as_json: bool = False, console: Console | None = None) -> None:
    """Say who would have got what, had the rules of today held since then. Sends and writes nothing."""
    start = utc_now() - span_of(since)
    with open_database(settings.database_address, create=False, migrate=False) as database, database.read() as session:
        found = notices.notices_since(session, start)
    tried = list(tried_on(settings, found))
    if as_json:
        document = {
            "since": start.isoformat(),
            "notices": [
                {"notice": one.notice.public_id, "at": one.notice.created_at.isoformat(), "ring": one.notice.ring,
                 "channels": [_fate(planned) for planned in one.plan.channels]}
                for one in tried
            ],
        }  # fmt: skip
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    _print_tried(settings, tried, start, console or Console(highlight=False))


def tried_on(settings: Settings, found: list[NoticeView]) -> Iterator[Tried]:
    """What the rules do with these notices, each at its own time; silences and bursts are left out."""
    rang: set[int] = set()
    told: dict[int, set[str]] = {}
    for notice in found:
        if notice.incident_id is None:
            continue
        try:
            facts = facts_of(NoticeDocument.model_validate(notice.document), rang=notice.incident_id in rang)
        except ValueError:
            continue  # damaged in the database
        if facts is None:
            continue
        heard = told.setdefault(notice.incident_id, set())
        made = plan(facts, settings, Around(told=frozenset(heard)), notice.created_at)
        heard |= {planned.channel for planned in made.channels if planned.goes_now}
        if notice.ring:
            rang.add(notice.incident_id)
        yield Tried(notice=notice, plan=made)


def _print_tried(settings: Settings, tried: list[Tried], start: datetime, out: Console) -> None:
    counts: dict[str, Counter[str]] = {name: Counter() for name, one in settings.channels.items() if one.enabled}
    for one in tried:
        for planned in one.plan.channels:
            word = "refused" if planned.refused is not None else "held" if planned.hold is not None else "now"
            counts[planned.channel][word] += 1
            counts[planned.channel]["ringing"] += planned.goes_now and planned.ring
    table = Table("channel", "now", "of these ringing", "held back", "refused by its settings", box=SIMPLE_HEAD)
    for name, counted in counts.items():
        table.add_row(Text(name), *(str(counted[word]) for word in ("now", "ringing", "held", "refused")))
    count = f"{len(tried)} notice{'' if len(tried) == 1 else 's'}"
    out.print(f"{count} since {start.astimezone(UTC):%d %b %H:%M} UTC, by the rules of today:")
    out.print(table)
    nobody = [one.notice.public_id for one in tried if not one.plan.seeds]
    if nobody:
        more = f" and {len(nobody) - 20} more" if len(nobody) > 20 else ""
        out.print(Text(f"To nobody: {', '.join(nobody[:20])}{more}"), soft_wrap=True)
