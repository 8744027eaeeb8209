"""``incidents merge``, ``split``, ``retract``, ``confirm``, ``edit``, ``undo`` and ``decisions``: people decide."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from alerts.decisions import Outcome, Who
from alerts.desk import build_house
from alerts.people import People
from config.outlets import load_outlets
from config.settings import Settings
from config.watch import load_watch
from core.clock import utc_now
from core.errors import InputError
from core.text import one_line
from crawler.urls import canonical_url
from storage import articles, people
from storage.engine import open_database
from storage.values import DecisionView

WORDS_LIMIT = 300  #: characters of a reason, and of a name: both go into tables and, the reason, into notices


def who(by: str | None, reason: str) -> Who:
    """Who decides and why; the user of this machine where nobody is named. Raises InputError for no reason."""
    said = one_line(reason)
    if not said:
        raise InputError("Say why with --reason: whoever looks at the record later will ask.")
    name = one_line(by or user_of_machine())
    if len(said) > WORDS_LIMIT or len(name) > WORDS_LIMIT:
        raise InputError(f"--by and --reason take at most {WORDS_LIMIT} characters each.")
    return Who(name, said)


def user_of_machine() -> str:
    """Who is logged in, for a decision that names nobody."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container may run under a number that has no name
        return "somebody at this machine"


def decide(
    settings: Settings,
    act: Callable[[People, Session], Outcome],
    done: str,
    *,
    as_json: bool,
    is_undo: bool = False,
) -> Outcome:
    """Carry out one decision in one transaction, and say what came of it. Raises InputError where it cannot be."""
    outlets = load_outlets(settings.config_dir)
    desk = People(build_house(load_watch(settings.watch, settings.config_dir), outlets, settings), outlets)
    with open_database(settings.database_address, create=False) as database, database.write() as session:
        outcome = act(desk, session)
    _say(outcome, done, as_json=as_json, is_undo=is_undo)
    return outcome


def _say(outcome: Outcome, done: str, *, as_json: bool, is_undo: bool) -> None:
    if as_json:
        document = {
            "decision": outcome.decision,
            "incident": outcome.incident,
            "made": outcome.made,
            "notices": [kind.value for kind in outcome.notices],
        }
        print(json.dumps(document, ensure_ascii=False))  # noqa: T201
        return
    told = ", ".join(kind.value for kind in outcome.notices) or "nobody (nothing that was told has changed)"
    words = done.format(incident=outcome.incident, made=outcome.made)
    back = "" if is_undo else f"; take it back with: basewatch incidents undo {outcome.decision} --reason …"
    Console().print(
        f"{words}\nTold: {told}. This is decision {outcome.decision}{back}",
        highlight=False, soft_wrap=True, markup=False,
    )  # fmt: skip


def merge(settings: Settings, loser: str, winner: str, decider: Who, *, as_json: bool) -> None:
    """Merge ``loser`` into ``winner``."""
    decide(
        settings,
        lambda desk, session: desk.merge(session, loser, winner, decider, utc_now()),
        f"{loser} is part of {{incident}} now, and its id leads there.",
        as_json=as_json,
    )


def split(settings: Settings, incident: str, reports: Sequence[str], decider: Who, *, as_json: bool) -> None:
    """Split the named reports off."""
    decide(
        settings,
        lambda desk, session: desk.split(session, incident, _articles(session, reports), decider, utc_now()),
        "The reports that you named are {made} now; the others stay in {incident}.",
        as_json=as_json,
    )


def _articles(session: Session, reports: Iterable[str]) -> set[int]:
    """The articles behind numbers, as ``incidents show`` prints them, or addresses."""
    found = set()
    for report in reports:
        if report.isascii() and report.isdigit():
            found.add(int(report))
            continue
        stored = articles.article_by_url(session, canonical_url(report)) or articles.article_by_url(session, report)
        if stored is None:
            raise InputError(f"No article is known under {report}; name reports by number or address.")
        found.add(stored.article_id)
    return found


def retract(settings: Settings, incident: str, decider: Who, *, as_json: bool) -> None:
    """Withdraw an incident."""
    decide(
        settings,
        lambda desk, session: desk.retract(session, incident, decider, utc_now()),
        "{incident} is withdrawn, and stays so whatever is reported later.",
        as_json=as_json,
    )


def confirm(settings: Settings, incident: str, decider: Who, *, as_json: bool) -> None:
    """Confirm an incident on people's word."""
    decide(
        settings,
        lambda desk, session: desk.confirm(session, incident, decider, utc_now()),
        "{incident} is confirmed, on your word.",
        as_json=as_json,
    )


def edit(settings: Settings, incident: str, edits: Sequence[str], decider: Who, *, as_json: bool) -> None:
    """Set facts of an incident."""
    decide(
        settings,
        lambda desk, session: desk.edit(session, incident, edits, decider, utc_now()),
        "{incident} says so now; later reports do not change it.",
        as_json=as_json,
    )


def undo(settings: Settings, decision: int, decider: Who, *, as_json: bool) -> None:
    """Take a decision back."""
    decide(
        settings,
        lambda desk, session: desk.undo(session, decision, decider, utc_now()),
        f"Decision {decision} is taken back; it stays in the record.",
        as_json=as_json,
        is_undo=True,
    )


# -- the record -------------------------------------------------------------------------------------------------------


def list_decisions(settings: Settings, *, limit: int, as_json: bool) -> None:
    """Print what people decided, the latest last."""
    with open_database(settings.database_address, create=False) as database, database.read() as session:
        found = people.list_decisions(session, limit=limit)
    if as_json:
        print(json.dumps([decision_document(view) for view in found], ensure_ascii=False))  # noqa: T201
    elif found:
        Console().print(decisions_table(found, "what people decided (times in UTC)"))
    else:
        Console().print("Nobody has decided anything.")


def decision_document(view: DecisionView) -> dict[str, Any]:
    """A decision as ``--json`` prints it."""
    return {
        "decision": view.id,
        "kind": view.kind,
        "incident": f"BW-{view.incident_id}" if view.incident_id is not None else None,
        "by": view.by,
        "reason": view.reason,
        "detail": view.detail,
        "at": view.decided_at.isoformat().replace("+00:00", "Z"),
        "undoes": view.undoes,
        "undone_by": view.undone_by,
    }


def decisions_table(found: Iterable[DecisionView], title: str) -> Table:
    table = Table("no.", "when", "who", "what", "why", title=title, box=SIMPLE_HEAD)
    for view in found:
        taken_back = f" (taken back by {view.undone_by})" if view.undone_by is not None else ""
        row = (str(view.id), f"{view.decided_at:%d %b %H:%M}", view.by, _what(view) + taken_back, view.reason)
        table.add_row(*(escape(one_line(cell)) for cell in row))
    return table


def _what(view: DecisionView) -> str:
    about = f"BW-{view.incident_id}" if view.incident_id is not None else ""
    match view.kind:
        case "merge":
            return f"merged BW-{view.detail['loser']} into BW-{view.detail['winner']}"
        case "split":
            return f"split BW-{view.detail['made']} off BW-{view.detail['source']}"
        case "edit":
            return f"set {', '.join(f'{k}={_value(v)}' for k, v in view.detail['fields'].items())} of {about}"
        case "missed":
            return f"missed: {view.detail['url']}"
        case "undo":
            return f"took back decision {view.undoes}"
        case _:
            return f"{view.kind} {about}"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "-".join(dict.fromkeys(map(str, value))) if value and isinstance(value[0], int) else ",".join(value)
    return "none" if value is None else str(value)
