"""The local day that a sentence, or else the opening of an article, gives to an attack."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from alerts.classifier.frames import Frame
from alerts.classifier.reading import Reading
from alerts.classifier.sentences import Sentence
from alerts.classifier.times import TODAY_REACH, TimeMention

BELOW = 3  #: sentences below the opening in which the day of the attack is looked for
#: words of sentences that tell of other days
BACKGROUND = frozenset({"since", "repeat", "anniversary", "tally", "earlier"})
ASIDE = BACKGROUND | {"ownstrike", "response", "another"}


def day_told(frame: Frame) -> date | None:
    """The day that a frame gives its attack; a day beside the answer of the protected side is the answer's.

    The day on which somebody spoke of it is not told here: see ``day_spoken``.
    """
    if frame.time is None or frame.time.since or frame.time.spoken or "ownstrike" in frame.sentence.classes:
        return None
    return _named_day(frame.sentence, frame.time)


def day_spoken(frame: Frame) -> date | None:
    """The day on which somebody spoke of a frame's attack, where the frame gives no other."""
    if frame.time is None or not frame.time.spoken or "ownstrike" in frame.sentence.classes:
        return None
    return frame.time.day


def _named_day(sentence: Sentence, told: TimeMention) -> date | None:
    """The day that an expression means: "this evening, Saturday", told after midnight, is Saturday."""
    if any(hit.start == told.start and "t_today" in hit.entry.classes for hit in sentence.hits):
        for mention in sentence.times:
            near = max(mention.start - told.end, told.start - mention.end) <= TODAY_REACH
            if near and mention.day is not None and told.day == mention.day + timedelta(days=1):
                return mention.day
    return told.day


def default_day(reading: Reading, frames: Sequence[Frame]) -> date:
    for frame in frames:
        day = day_told(frame)
        if day is not None:
            return day
    spoken: list[date | None] = [day for frame in frames if (day := day_spoken(frame)) is not None]
    for sentence in reading.sentences:
        if sentence.position in ("title", "lead") and "ownstrike" not in sentence.classes:
            for mention in sentence.times:
                if mention.day is None or mention.since or mention.old:
                    continue
                if not mention.spoken:
                    return _named_day(sentence, mention) or mention.day
                spoken.append(mention.day)
    return _day_below(reading) or next(iter(spoken), None) or reading.published


def _day_below(reading: Reading) -> date | None:
    """The day that the first sentences below the opening give to an attack: news of it that begins with its outcome."""
    body = [s for s in reading.sentences if s.position == "body"]
    for sentence in body[:BELOW]:
        if not sentence.classes & {"attack_verb", "passive", "launch", "fall"} or sentence.classes & ASIDE:
            continue
        days = [m.day for m in sentence.times if m.day is not None and not m.since and not m.old]
        if days and (reading.published - min(days)).days <= 3 and not of_others(sentence):
            return min(days)
    return None


def of_others(sentence: Sentence) -> bool:
    """Whether a sentence speaks of other targets, or of strikes by the protected side, alone."""
    kinds = {(t.kind, t.role) for t in sentence.targets}
    others = any(kind in ("other", "ship", "hostile") for kind, _ in kinds)
    return others and not any(t.protected and t.role == "patient" for t in sentence.targets)
