"""``basewatch feedback missed``, ``false-alarm`` and ``export``: what went wrong, kept, acted on and handed on."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from rich.console import Console
from sqlalchemy.orm import Session

from alerts.decisions import Outcome, Who
from alerts.people import People
from alerts.rulings import FALSE_ALARM, MISSED, attack_from, parse_edit
from basewatch.commands.decided import decide, decision_document, decisions_table
from config.outlets import Outlet, load_outlets
from config.settings import Settings
from config.watch import load_watch
from core.clock import utc_now
from core.errors import InputError
from core.values import UNNAMED, Attack, Weapon
from crawler.urls import canonical_url
from storage import articles, incidents, pages, people
from storage.codec import attack_from_json
from storage.engine import open_database
from storage.values import DecisionView, StoredArticle

FEEDBACK = (FALSE_ALARM, MISSED)


def false_alarm(settings: Settings, incident: str, decider: Who, *, as_json: bool) -> None:
    """Withdraw an incident whose articles tell of no attack, and keep them as a lesson."""
    decide(
        settings,
        lambda desk, session: desk.retract(session, incident, decider, utc_now(), false_alarm=True),
        "{incident} is withdrawn as a false alarm; `basewatch feedback export` hands its articles on.",
        as_json=as_json,
    )


def missed(settings: Settings, url: str, edits: Sequence[str], decider: Who, *, as_json: bool) -> None:
    """Keep that an article was missed; open an incident where its attack is known, fetch it where it is not stored."""
    watch = load_watch(settings.watch, settings.config_dir)
    fields = dict(parse_edit(text, watch) for text in edits)
    attack = attack_from(fields, watch) if fields else None
    address = _address(url)
    outlets = load_outlets(settings.config_dir)
    words: list[str] = []

    def act(desk: People, session: Session) -> Outcome:
        stored = articles.article_by_url(session, address)
        verdicts = incidents.verdicts_of(session, stored.article_id, stored.version) if stored is not None else []
        verdict = verdicts[-1].verdict if verdicts else None
        outcome = desk.missed(session, address, stored, verdict, attack, decider, utc_now())
        if stored is None:
            words.append(_fetch(session, url, address, outlets))
        elif outcome.incident is None:
            words.append("Kept. Say what it tells of, such as base=harir weapons=drone, and it opens an incident.")
        return outcome

    done = "It is a report of {incident} now."
    outcome = decide(settings, act, done if attack is not None else "Kept as missed.", as_json=as_json)
    if not as_json:
        for line in (f"It is a report of {outcome.incident} now." if outcome.incident and not attack else "", *words):
            if line:
                Console().print(line, highlight=False, soft_wrap=True, markup=False)


def _address(url: str) -> str:
    """The canonical address. Raises InputError for one that is none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise InputError(f"{url!r} is no address of a page; it starts with https:// or http://.")
    return canonical_url(url.strip())


def _fetch(session: Session, url: str, address: str, outlets: Mapping[str, Outlet]) -> str:
    """Ask for the page where an outlet of ours publishes there; what to tell."""
    outlet = outlet_of(address, outlets)
    if outlet is None:
        return (
            "No outlet of the configuration publishes there, so that it cannot be fetched. "
            "Add the outlet (docs/outlets.md); the address is kept."
        )
    source = outlet.sources[0].id if outlet.sources else outlet.slug
    if not pages.want(session, address, url.strip(), outlet.slug, source, utc_now()):
        return "The page is waiting to be fetched already."
    off = "" if outlet.enabled else f" once {outlet.name} is switched on"
    return f"The page is wanted: the daemon fetches and reads it{off}."


def outlet_of(address: str, outlets: Mapping[str, Outlet]) -> Outlet | None:
    """The outlet whose home or sources are on the host of this address; the enabled one first."""
    host = _host(address)
    for outlet in sorted(outlets.values(), key=lambda outlet: (not outlet.enabled, outlet.slug)):
        hosts = {_host(outlet.home or ""), *(_host(source.url) for source in outlet.sources)} - {""}
        if host in hosts or any(host.endswith("." + known) for known in hosts):
            return outlet
    return None


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


# -- the record -------------------------------------------------------------------------------------------------------


def list_feedback(settings: Settings, *, as_json: bool) -> None:
    """Print the feedback that was given, the latest last."""
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        found = people.list_decisions(session, FEEDBACK)
    if as_json:
        print(json.dumps([decision_document(view) for view in found], ensure_ascii=False))  # noqa: T201
    elif found:
        Console().print(decisions_table(found, "feedback (times in UTC)"))
    else:
        Console().print("No feedback was given.")


def export(settings: Settings, out: Path | None) -> None:
    """Write what stands of the feedback as labelled articles, one JSON object a line; - or nothing: standard output."""
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        standing = [view for view in people.list_decisions(session, FEEDBACK) if view.undone_by is None]
        lines = [json.dumps(line, ensure_ascii=False) for view in standing for line in lines_of(session, view)]
    text = "".join(f"{line}\n" for line in lines)
    if out is None or str(out) == "-":
        sys.stdout.write(text)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out} cannot be written: {error.strerror}.") from error
    sys.stderr.write(f"{len(lines)} labelled articles written to {out}\n")


def lines_of(session: Session, view: DecisionView) -> Iterator[dict[str, Any]]:
    """The corpus lines (tests/corpus/SCHEMA.md) of one piece of feedback; none while its article is not stored."""
    if view.kind == FALSE_ALARM:
        for article_id, version in view.detail["articles"]:
            stored = articles.article(session, article_id, version)
            if stored is not None:
                yield _line(view, stored, "other", [])
        return
    found = (
        articles.article(session, view.article_id)
        if view.article_id is not None
        else articles.article_by_url(session, view.detail["url"])
    )
    if found is not None:
        yield _line(view, found, "attack", _attacks(session, view, found))


def _attacks(session: Session, view: DecisionView, stored: StoredArticle) -> list[dict[str, Any]]:
    """What the article tells, as people said, as it was entered, or as the classifier found it."""
    told: Sequence[Attack] = ()
    if view.detail.get("attack"):
        told = [attack_from_json(view.detail["attack"])]
    else:
        verdicts = incidents.verdicts_of(session, stored.article_id, stored.version)
        told = [attack for verdict in verdicts[-1:] for attack in verdict.verdict.attacks if not attack.denied]
    day = (stored.published_at or stored.first_seen_at).date().isoformat()
    return [_incident(attack, view, number, day) for number, attack in enumerate(told or [Attack()])]


def _incident(attack: Attack, view: DecisionView, number: int, day: str) -> dict[str, Any]:
    local = attack.date.isoformat() if attack.date is not None else day
    base = attack.base
    return {
        "incident_id": f"{local}-{base}-feedback-{view.id}-{number}",
        "date": local,
        "base": None if base == UNNAMED else base,
        "country": attack.country,
        "weapons": [weapon.value for weapon in attack.weapons] or [Weapon.UNKNOWN.value],
        "count": attack.count,
        "outcome": attack.outcome.value,
        "killed": attack.killed,
        "injured": attack.injured,
        "claimed_by": attack.claimed_by,
        "attributed_to": attack.attributed_to,
    }


def _line(view: DecisionView, stored: StoredArticle, label: str, told: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "id": f"feedback-{view.id}-{stored.article_id}",
        "source_url": stored.link,
        "outlet": stored.outlet,
        "lang": stored.lang or _language(stored),
        "published": _published(stored.published_at or stored.first_seen_at, stored.date_only),
        "title": stored.title,
        "text": stored.text,
        "label": label,
        "trap": None,
        "incidents": told,
        "note": f"{view.kind}, by {view.by}: {view.reason}",
    }


def _language(stored: StoredArticle) -> str:
    """The corpus needs a language: by the script, where the outlet states none."""
    return "ar" if re.search(r"[\u0600-\u06ff]", stored.title + stored.text) else "en"


def _published(instant: datetime, date_only: bool) -> str:
    return instant.date().isoformat() if date_only else instant.isoformat().replace("+00:00", "Z")
