"""What should have arrived against what did: pure, so that the demo's exit code is a value that a test can ask for.

A demo is passed when every expected notice was accepted exactly once on every channel, under ids that fit together,
when nothing else arrived, and when every story was stored, read as it is meant and named where it belongs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from basewatch.demo.receivers import Arrival
from basewatch.demo.stories import Script, Story
from core.documents import NoticeDocument
from core.text import one_line

CHANNELS = ("webhook", "chat", "email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the daemon made of one story, as its database tells it."""

    url: str
    version: int
    positive: bool
    probability: float
    label: str
    reason: str  #: the strongest, "for: …" or "against: …"
    seconds: float  #: from its appearance to the verdict
    known_language: bool = True  #: there is a lexicon for it; without one, nobody expects a story to be understood


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRow:
    """One expected notice and what came of it."""

    incident: str  #: key of the script
    kind: str
    notice_id: str | None  #: of the notice that came; None for none
    headline: str
    channels: Mapping[str, int]  #: accepted, by channel

    @property
    def ok(self) -> bool:
        return self.notice_id is not None and all(self.channels.get(channel) == 1 for channel in CHANNELS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The result of one demo."""

    rows: tuple[ExpectedRow, ...]
    problems: tuple[str, ...]  #: one sentence each; empty when all is as it should be
    retries: int  #: refused on purpose and sent again
    stories: int
    readings: Mapping[str, Reading]  #: by story

    @property
    def ok(self) -> bool:
        return not self.problems and all(row.ok for row in self.rows)

    def to_json(self) -> dict[str, Any]:
        """The summary of ``basewatch demo --json``; Any, because it is JSON."""
        return {
            "ok": self.ok,
            "expected": [
                {
                    "incident": row.incident,
                    "kind": row.kind,
                    "notice": row.notice_id,
                    "headline": row.headline,
                    "channels": dict(row.channels),
                    "ok": row.ok,
                }
                for row in self.rows
            ],
            "problems": list(self.problems),
            "retries": self.retries,
            "stories": {
                "published": self.stories,
                "read": len(self.readings),
                "slowest_s": round(max((reading.seconds for reading in self.readings.values()), default=0.0), 2),
            },
        }


def score(script: Script, arrivals: Sequence[Arrival], readings: Mapping[str, Reading]) -> Score:
    """The result, given everything that came in and how each story was read."""
    documents = {a.document.notice.id: a.document for a in arrivals if a.accepted and a.document is not None}
    rows, left_over = _match(script, documents, arrivals)
    problems = [
        *_missing(rows),
        *_left_over(left_over),
        *_refused(arrivals),
        *_unknown(documents, arrivals),
        *_ids(documents, arrivals),
        *_split(script, documents),
        *_misread(script.story, readings),
        *_unnamed(script, documents, readings),
    ]
    return Score(
        rows=tuple(rows),
        problems=tuple(problems),
        retries=sum(arrival.planned for arrival in arrivals),
        stories=len(script.story),
        readings=readings,
    )


def incident_key(script: Script, document: NoticeDocument) -> str | None:
    """The incident of the script that a notice tells of; None for another one, or for none."""
    base = document.incident.base if document.incident else None
    return next((incident.key for incident in script.incident if incident.base == base), None)


def _match(
    script: Script, documents: Mapping[str, NoticeDocument], arrivals: Sequence[Arrival]
) -> tuple[list[ExpectedRow], list[NoticeDocument]]:
    """Each expected notice with the one that came for it, in order; and the notices that nobody expected."""
    waiting = sorted(documents.values(), key=lambda document: (document.notice.created_at, document.notice.number))
    rows = []
    for expected in script.expected:
        found = next(
            (d for d in waiting if d.notice.kind == expected.kind and incident_key(script, d) == expected.incident),
            None,
        )
        if found is not None:
            waiting.remove(found)
        notice_id = found.notice.id if found else None
        came = [a for a in arrivals if a.accepted and a.notice_id == notice_id and notice_id is not None]
        rows.append(
            ExpectedRow(
                incident=expected.incident,
                kind=expected.kind,
                notice_id=notice_id,
                headline=next((a.headline for a in came if a.channel != "webhook"), ""),
                channels={channel: sum(a.channel == channel for a in came) for channel in CHANNELS},
            )
        )
    return rows, waiting


def _missing(rows: Sequence[ExpectedRow]) -> Iterator[str]:
    for row in rows:
        if row.notice_id is None:
            yield f"No {row.kind} notice about {row.incident!r} was accepted by the webhook."
            continue
        for channel in CHANNELS:
            if row.channels[channel] != 1:
                yield f"{row.notice_id} ({row.kind}) was accepted {row.channels[channel]} times on {channel}, not once."


def _left_over(documents: Sequence[NoticeDocument]) -> Iterator[str]:
    for document in documents:
        about = f" about {document.incident.base}" if document.incident else ""
        titles = "; ".join(source.title for source in document.sources[:2])
        why = one_line(titles or document.notice.text or "no source named")
        yield f"{document.notice.id} came unexpected: {document.notice.kind}{about}, {document.notice.reason}: {why}"


def _refused(arrivals: Sequence[Arrival]) -> Iterator[str]:
    for arrival in arrivals:
        if not arrival.accepted and not arrival.planned:
            yield f"The {arrival.channel} receiver refused {arrival.notice_id or 'a message'}: {arrival.problem}."


def _unknown(documents: Mapping[str, NoticeDocument], arrivals: Sequence[Arrival]) -> Iterator[str]:
    for arrival in arrivals:
        if arrival.accepted and arrival.notice_id not in documents:
            yield f"{arrival.channel} got {arrival.notice_id or 'a message without an id'}, which the webhook did not."


def _ids(documents: Mapping[str, NoticeDocument], arrivals: Sequence[Arrival]) -> Iterator[str]:
    """One message id a notice and channel, over refused attempts too; mails of one incident in one thread."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for arrival in arrivals:
        if arrival.notice_id and arrival.message_id:
            ids[arrival.channel, arrival.notice_id].add(arrival.message_id)
    for (channel, notice_id), found in ids.items():
        if len(found) > 1:
            yield f"{notice_id} came under {len(found)} ids on {channel}: receivers cannot drop the double."
    single = [next(iter(found)) for found in ids.values() if len(found) == 1]
    if len(single) != len(set(single)):
        yield "Two notices share a message id."
    threads: dict[str, str] = {}
    for mail in arrivals:
        document = documents.get(mail.notice_id or "")
        if mail.channel != "email" or not mail.accepted or document is None or document.incident is None:
            continue
        first = threads.setdefault(document.incident.id, mail.message_id or "")
        if mail.message_id != first and mail.answers != first:
            yield f"The mail of {mail.notice_id} does not answer the first mail of {document.incident.id}."


def _split(script: Script, documents: Mapping[str, NoticeDocument]) -> Iterator[str]:
    ids: dict[str, set[str]] = defaultdict(set)
    for document in documents.values():
        key = incident_key(script, document)
        if key is not None and document.incident is not None:
            ids[key].add(document.incident.id)
    for key, found in ids.items():
        if len(found) > 1:
            yield f"One attack, {key!r}, was told as {len(found)} incidents: {', '.join(sorted(found))}."


def _misread(stories: Sequence[Story], readings: Mapping[str, Reading]) -> Iterator[str]:
    for story in stories:
        reading = readings.get(story.id)
        if reading is None:
            yield f"The story {story.id!r} was not read."
        elif not fits(story, reading):
            yield f"The story {story.id!r} ({story.topic}, {story.lang}) was read as {reading.label}: {reading.reason}"


def fits(story: Story, reading: Reading) -> bool:
    """Whether the verdict is the one that the story should get.

    A denial of a known attack may be read either way, and a language without a lexicon may be missed, but never alert.
    """
    if story.denies or (story.incident is not None and not reading.known_language):
        return True
    return reading.positive == (story.incident is not None)


def address(url: str) -> str:
    """The URL in the one form in which two of them can be compared: percent-encoding undone, no slash at the end."""
    return unquote(url).rstrip("/")


def _unnamed(script: Script, documents: Mapping[str, NoticeDocument], readings: Mapping[str, Reading]) -> Iterator[str]:
    """The last notice of an incident names every article that told it by then."""
    last: dict[str, NoticeDocument] = {}
    for document in sorted(documents.values(), key=lambda document: document.notice.created_at):
        key = incident_key(script, document)
        if key is not None:
            last[key] = document
    order = [step.id for step in script.step]
    for key, document in last.items():
        final = [(step, notice) for step in script.step for notice in step.notices if notice.incident == key][-1:]
        if not final or final[0][1].kind != document.notice.kind:
            continue  # its last notice is missing or unexpected, which has been told already
        told_in = order.index(final[0][0].id)
        named = {address(source.url) for source in document.sources}
        for story in script.story:
            reading = readings.get(story.id)
            early = order.index(story.step) < told_in
            if story.incident != key or not early or reading is None or not reading.positive:
                continue  # not of this incident, not yet out, or a problem that has been told already
            if address(reading.url) not in named:
                yield f"{document.notice.id} does not name the story {story.id!r} among its sources."
