"""What stands on the status page: text and tones, from a snapshot. Pure, down to the HTML.

Text of outlets stays a value all the way to the template, which escapes everything; a link is kept only where
``alerts.links.safe_link`` keeps it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import basewatch
from alerts.headline import LIMIT as HEADLINE_LIMIT
from alerts.links import safe_link
from alerts.phrases import ago
from alerts.wording import Body, compose
from basewatch.health.checks import Check
from basewatch.page.content import OPEN_FOR, Found
from config.outlets import Outlet
from core.documents import IncidentPart, NoticeDocument, NoticePart
from core.text import cut, one_line
from core.values import DeliveryState, NoticeKind, Severity
from storage.overview import LatestArticle
from storage.values import DeliveryView, IncidentView, SourceState

TEMPLATES = Path(__file__).parent / "templates"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """An instant for machines and for people."""

    iso: str
    text: str  #: "2026-11-24 00:21 UTC"
    ago: str  #: "6 min ago"; "" for one that lies ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class OutletRow:
    name: str
    country: str
    languages: str
    tone: str  #: good, warn, bad
    state: str
    last_answer: Moment | None
    last_new: Moment | None
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleRow:
    outlet: str
    title: str
    lang: str
    link: str | None
    at: Moment
    tone: str
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentCard:
    id: str
    severity: str
    status: str
    tone: str
    body: Body
    opened: Moment
    lat: float | None  #: for the map to come
    lon: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    notice: str
    kind: str
    channel: str
    tone: str
    state: str
    attempts: int
    at: Moment
    note: str


def render(found: Found) -> str:
    """The page."""
    return _environment().get_template("status.html").render(**page(found))


def page(found: Found) -> dict[str, Any]:
    """Every value of the template."""
    now = found.standing.at
    rows = list(outlet_rows(found, now))
    return {
        "version": basewatch.__version__,
        "model": found.model[:12],
        "now": moment(now, now),
        "started": moment(found.started_at, now),
        "ready": found.standing.ready,
        "verdict": overall(found.standing.checks),
        "checks": found.standing.checks,
        "watch": found.watch.what,
        "sites": len(found.watch.sites),
        "countries": len({site.country for site in found.watch.sites.values()}),
        "source_count": len(found.sources),
        "channels": sorted(found.channels.items()),
        "paused": found.standing.vitals.paused,
        "last_canary": _moment(found.standing.vitals.last_canary_at, now),
        "open_days": OPEN_FOR.days,
        "incidents": [incident_card(view, found.documents.get(view.id), now) for view in found.incidents],
        "outlets": rows,
        "outlet_tones": Counter(row.tone for row in rows),
        "articles": [article_row(one, found.outlets, now) for one in found.articles],
        "deliveries": [delivery_row(one, now) for one in found.deliveries],
    }


def overall(checks: Iterable[Check]) -> str:
    """One sentence for somebody who only glances."""
    wrong = [check.name for check in checks if not check.ok]
    if not wrong:
        return "All well: every stage does its work."
    return f"Needs attention: {', '.join(wrong)}."


def outlet_rows(found: Found, now: datetime) -> Iterator[OutletRow]:
    """One row an outlet that is read, the troubled ones first."""
    by_outlet: dict[str, list[SourceState]] = {}
    for state in found.sources:
        by_outlet.setdefault(state.outlet, []).append(state)
    rows = [_outlet_row(found.outlets.get(slug), slug, states, now) for slug, states in by_outlet.items()]
    order = {"bad": 0, "warn": 1, "idle": 2, "good": 3}
    yield from sorted(rows, key=lambda row: (order[row.tone], row.name.casefold()))


def _outlet_row(outlet: Outlet | None, slug: str, states: list[SourceState], now: datetime) -> OutletRow:
    failing = [state for state in states if state.failures]
    new = [state for state in states if state.last_poll_at is None]
    if len(new) == len(states):
        tone, text = "idle", "not polled yet"
    elif not failing:
        tone, text = "good", "answers" if len(states) == 1 else f"all {len(states)} sources answer"
    elif len(failing) == len(states):
        tone, text = "bad", "fails" if len(states) == 1 else f"all {len(states)} sources fail"
    else:
        tone, text = "warn", f"{len(failing)} of {len(states)} sources fail"
    causes = Counter(state.message or state.cause_code or "" for state in failing)
    return OutletRow(
        name=outlet.name if outlet else slug,
        country=(outlet.country or "") if outlet else "",
        languages=", ".join(outlet.languages) if outlet else "",
        tone=tone,
        state=text,
        last_answer=_newest((state.last_ok_at for state in states), now),
        last_new=_newest((state.last_new_at for state in states), now),
        cause=cut(one_line(causes.most_common(1)[0][0]), 160) if causes else "",
    )


_VERDICTS = {"attack": ("bad", "attack"), "update": ("warn", "update"), "other": ("idle", "other")}


def article_row(article: LatestArticle, outlets: Mapping[str, Outlet], now: datetime) -> ArticleRow:
    """One article version and its verdict."""
    outlet, link = outlets.get(article.outlet), safe_link(article.link)
    tone, verdict = _VERDICTS.get(article.label or "", ("idle", "waits"))
    if article.state == "parked":
        tone, verdict = "bad", "parked"
    if article.probability is not None and article.label in ("attack", "update"):
        verdict += f" {article.probability:.2f}"
    return ArticleRow(
        outlet=outlet.name if outlet else article.outlet,
        title=cut(one_line(article.title), 240) or "(no title)",
        lang=article.lang if article.lang and _LANGUAGE.fullmatch(article.lang) else "und",
        link=link[0] if link else None,
        at=moment(article.published_at or article.stored_at, now),
        tone=tone,
        verdict=verdict,
    )


_SEVERITY_TONES = {Severity.S4: "bad", Severity.S3: "bad", Severity.S2: "warn", Severity.S1: "idle"}


def incident_card(view: IncidentView, document: Mapping[str, Any] | None, now: datetime) -> IncidentCard:
    """An incident as its facts stand now, with the evidence of what people were told last."""
    kept = dict(view.facts["incident"])
    kept.update(id=view.public_id, report_count=view.report_count, outlet_count=view.outlet_count)
    part = IncidentPart.model_validate(kept)
    shown = NoticeDocument.model_validate(document) if document else _untold(view)
    body = compose(shown.model_copy(update={"incident": part, "changes": ()}), now=now)
    headline = cut(re.sub(r"^(UPDATE|CORRECTION|WITHDRAWN) ", "", body.first_line), HEADLINE_LIMIT)
    return IncidentCard(
        id=view.public_id,
        severity=view.severity.value,
        status=view.status.value,
        tone=_SEVERITY_TONES[view.severity],
        body=replace(body, first_line=re.sub(r"^S\d [A-Z]+ ", "", headline), changes=()),
        opened=moment(view.first_seen_at, now),
        lat=part.lat,
        lon=part.lon,
    )


def _untold(view: IncidentView) -> NoticeDocument:
    """For an incident that nobody was told of: its facts, without a quote."""
    part = NoticePart(
        id=view.public_id, number=0, kind=NoticeKind.NEW, reason="untold", ring=False, created_at=view.opened_at
    )
    return NoticeDocument(notice=part)


_STATE_TONES = {
    DeliveryState.SENT: "good", DeliveryState.DEAD: "bad", DeliveryState.PENDING: "warn", DeliveryState.SENDING: "warn",
    DeliveryState.HELD: "idle", DeliveryState.DIGESTED: "idle",
}  # fmt: skip


def delivery_row(view: DeliveryView, now: datetime) -> DeliveryRow:
    """One delivery; its error holds no secret, as the ledger keeps none."""
    waits = view.state is DeliveryState.PENDING and view.attempts > 0
    note = view.last_error or view.held_note or ""
    return DeliveryRow(
        notice=view.notice_public_id,
        kind=view.kind.value,
        channel=view.channel,
        tone=_STATE_TONES[view.state],
        state="waits for its next attempt" if waits else view.state.value,
        attempts=view.attempts,
        at=moment(view.sent_at or view.created_at, now),
        note="" if view.state is DeliveryState.SENT else cut(one_line(note), 200),
    )


def moment(instant: datetime, now: datetime) -> Moment:
    """The instant in UTC, and how long ago."""
    return Moment(iso=instant.isoformat(), text=f"{instant:%Y-%m-%d %H:%M} UTC", ago=ago(instant, now))


def _moment(instant: datetime | None, now: datetime) -> Moment | None:
    return moment(instant, now) if instant is not None else None


def _newest(instants: Iterable[datetime | None], now: datetime) -> Moment | None:
    return _moment(max((instant for instant in instants if instant is not None), default=None), now)


@cache
def _environment() -> Environment:
    # Escaped always, whatever a template is called; a name that is missing is an error, not an empty place.
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, auto_reload=False,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
