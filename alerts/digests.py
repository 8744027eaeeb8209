"""Tells what was held back, when its time has come: a digest that names all, in the transaction that marks it told.

One held delivery alone goes out by itself, whole. A digest is a notice like any other, with a delivery of its own that
is tried until it is accepted: nothing that was held is lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from sqlalchemy.orm import Session

from alerts.channels import load_language
from alerts.headline import first_line
from alerts.language import Language
from alerts.system import write_notice
from config.settings import Settings
from core.documents import NoticeDocument
from core.values import NoticeKind
from storage import held
from storage.values import HeldDelivery

#: characters of one digest: it must stand whole in a Discord message (2,000), the shortest of the chats
DIGEST_LIMIT = 1_800


def tell_held(session: Session, settings: Settings, now: datetime) -> int:
    """Tell every held delivery whose time has come; how many. Safe to call late, twice, or at any time."""

    def group(one: HeldDelivery) -> tuple[str, str]:
        return one.channel, one.held_note

    due = sorted(held.due(session, now), key=lambda one: (group(one), one.id))
    for (channel, note), members in groupby(due, key=group):
        _tell_group(session, settings, channel, note, list(members), now)
    return len(due)


def _tell_group(
    session: Session, settings: Settings, channel: str, note: str, members: Sequence[HeldDelivery], now: datetime
) -> None:
    configured = settings.channels.get(channel)
    if len(members) == 1 or configured is None or NoticeKind.DIGEST not in configured.notices:
        for one in members:
            held.let_go(session, one.id, now, ring=one.ring and one.held_for == "burst")
        return
    language = load_language(configured.language, settings)
    parts = list(split(members, now, language))
    why = language.fill(language.word("held", members[0].held_for, "{note}"), note=note)
    for number, (ids, lines) in enumerate(parts, 1):
        text = "\n".join([title(len(members), why, number, len(parts), language), *lines])
        ring = any(one.ring and one.held_for == "burst" for one in members if one.id in ids)
        notice_id = write_notice(session, NoticeKind.DIGEST, "held-back", text, (channel,), now, ring=ring)
        held.fold(session, ids, notice_id, now)


def title(count: int, why: str, number: int, parts: int, language: Language) -> str:
    """The first line of a digest."""
    part = language.say("part", number=number, parts=parts) if parts > 1 else ""
    said = language.say("digest", count=language.form("held_back", count), part=part, why=why)
    return said.replace(" :", ":")  # where there is but one part


def split(members: Sequence[HeldDelivery], now: datetime, language: Language) -> Iterator[tuple[list[int], list[str]]]:
    """The members as parts that fit a digest each: their ids, and a line for each."""
    ids: list[int] = []
    lines: list[str] = []
    room = DIGEST_LIMIT
    for one in members:
        line = line_of(one, now, language)
        if lines and len(line) + 1 > room:
            yield ids, lines
            ids, lines, room = [], [], DIGEST_LIMIT
        ids.append(one.id)
        lines.append(line)
        room -= len(line) + 1
    if lines:
        yield ids, lines


def line_of(one: HeldDelivery, now: datetime, language: Language) -> str:
    """ "BW-42.1 S3 CONFIRMED Erbil air base: …": the id and the first line of what was held."""
    try:
        document = NoticeDocument.model_validate(one.document)
    except ValueError:
        return f"delivery {one.id}: its document is damaged"
    return f"{document.notice.id} {first_line(document, now=now, language=language)}"
