"""Tells what was held back, when its time has come: a digest that names all, in the transaction that marks it told.

One held delivery alone goes out by itself, whole. A digest is a notice like any other, with a delivery of its own that
is tried until it is accepted: nothing that was held is lost. What another silence or quiet hours still hold back when
its time has come waits on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from alerts.channels import load_language
from alerts.headline import first_line
from alerts.language import Language
from alerts.routes.facts import facts_of
from alerts.routes.holding import Around, held_still
from alerts.system import write_notice
from config.settings import Settings
from core.documents import NoticeDocument
from core.values import NoticeKind, TextReason
from storage import attention, held, silences
from storage.values import HeldDelivery, Hold

#: characters and UTF-8 bytes of one digest with its first line: whole in an embed of Discord (4,000 characters once its
#: marks are escaped) and in a notification of ntfy (4,096 bytes), the shortest of the channels
DIGEST_CHARACTERS, DIGEST_BYTES = 3_300, 3_700


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one digest of several says."""

    ids: list[int]  #: of what it names
    lines: list[str]


def tell_held(session: Session, settings: Settings, now: datetime) -> int:
    """Tell every held delivery whose time has come; how many. Safe to call late, twice, or at any time."""

    def group(one: HeldDelivery) -> tuple[str, str]:
        return one.channel, one.held_note

    due = sorted(_hold_on(session, settings, held.due(session, now), now), key=lambda one: (group(one), one.id))
    for (channel, note), members in groupby(due, key=group):
        _tell_group(session, settings, channel, note, list(members), now)
    return len(due)


def _hold_on(
    session: Session, settings: Settings, due: Sequence[HeldDelivery], now: datetime
) -> Iterator[HeldDelivery]:
    """Those that nothing else holds back; the others wait for what does."""
    freed: set[tuple[str, int | None]] = set()  #: what goes takes its corrections with it
    for one in due:
        hold = _hold_of(session, settings, one, now)
        if hold is None or (_is_correction(one) and (one.channel, one.incident_id) in freed):
            freed.add((one.channel, one.incident_id))
            yield one
        else:
            held.hold_on(session, one.id, hold, now)


def _hold_of(session: Session, settings: Settings, one: HeldDelivery, now: datetime) -> Hold | None:
    """The silence or the quiet hours in which its time has come."""
    channel = settings.channels.get(one.channel)
    document = _document(one)
    if channel is None or document is None or one.incident_id is None:
        return None
    facts = facts_of(document, incident_ids=frozenset(attention.family(session, one.incident_id)))
    if facts is None:
        return None
    route = next((route for route in settings.routes if route.name == one.route), None)
    around = Around(told=held.channels_told(session, one.incident_id), silences=silences.holding(session, now))
    return held_still(one.channel, channel, route, facts, settings.delivery, around, now)


def _is_correction(one: HeldDelivery) -> bool:
    document = _document(one)
    return document is not None and document.notice.kind is NoticeKind.CORRECTION


def _document(one: HeldDelivery) -> NoticeDocument | None:
    """What is held; None where it is damaged."""
    try:
        return NoticeDocument.model_validate(one.document)
    except ValueError:
        return None


def _tell_group(
    session: Session, settings: Settings, channel: str, note: str, members: Sequence[HeldDelivery], now: datetime
) -> None:
    configured = settings.channels.get(channel)
    if len(members) == 1 or configured is None or NoticeKind.DIGEST not in configured.notices:
        for one in members:
            held.let_go(session, one.id, now, ring=one.ring and one.held_for == "burst")
        return
    language = load_language(configured.language, settings)
    why = language.fill(
        language.word("held", members[0].held_for, "{note}"), note=note, reason=language.apart(note.partition(": ")[2])
    )
    parts = list(split(((one.id, line_of(one, now, language)) for one in members), title(999, why, 99, 99, language)))
    for number, part in enumerate(parts, 1):
        text = "\n".join([title(len(members), why, number, len(parts), language), *part.lines])
        ring = any(one.ring and one.held_for == "burst" for one in members if one.id in part.ids)
        notice_id = write_notice(session, NoticeKind.DIGEST, TextReason.HELD_BACK, text, (channel,), now, ring=ring)
        held.fold(session, part.ids, notice_id, now)


def title(count: int, why: str, number: int, parts: int, language: Language) -> str:
    """The first line of a digest."""
    part, said = part_of(number, parts, language), language.form("held_back", count)
    return language.say("digest", count=said, part=part, why=why).replace(" :", ":")  # where there is but one part


def part_of(number: int, parts: int, language: Language) -> str:
    """ "(1 of 3)"; "" where there is but one."""
    return language.say("part", number=number, parts=parts) if parts > 1 else ""


def split(entries: Iterable[tuple[int, str]], first: str) -> Iterator[Part]:
    """The entries, each an id and its text, as parts that any channel holds whole below a ``first`` line."""
    part, used = Part(ids=[], lines=[]), _size(first)
    for number, text in entries:
        size = _size(text)
        if part.lines and (used[0] + size[0] > DIGEST_CHARACTERS or used[1] + size[1] > DIGEST_BYTES):
            yield part
            part, used = Part(ids=[], lines=[]), _size(first)
        part.ids.append(number)
        part.lines.append(text)
        used = used[0] + size[0], used[1] + size[1]
    if part.lines:
        yield part


def _size(text: str) -> tuple[int, int]:
    """Characters and bytes of the text and the end of its line."""
    return len(text) + 1, len(text.encode("utf-8", "replace")) + 1


def line_of(one: HeldDelivery, now: datetime, language: Language) -> str:
    """ "BW-42.1 S3 CONFIRMED Erbil air base: …": the id and the first line of what was held."""
    document = _document(one)
    if document is None:
        return language.say("damaged", id=one.id)
    line = first_line(document, now=now, language=language)
    return language.say("entry", id=language.apart(document.notice.id), line=line)
