"""What one sentence of a text says for the others: a denial, an owner, an age."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import OURS

if TYPE_CHECKING:
    from alerts.classifier.frames import Frame

DENIALS = frozenset({"deny", "false"})


def pass_on(frames: Sequence[Frame], sentences: Sequence[Sentence]) -> None:
    """Let each frame know what the other sentences say of its target."""
    _pass_on_denials(frames)
    _pass_on_owners(frames, sentences)
    _pass_on_age(frames)


def _pass_on_age(frames: Sequence[Frame]) -> None:
    """An attack that the headline does not date is as old as the opening says of the same target."""
    lead = [f for f in frames if f.sentence.position == "lead" and f.kind == "on_protected" and f.time is not None]
    for frame in frames:
        if frame.sentence.position != "title" or (frame.time is not None and frame.time.day is not None):
            continue
        same = [f.time for f in lead if f.target.site == frame.target.site and f.target.kind == frame.target.kind]
        if same and all(time is not None and time.old and not time.since for time in same):
            frame.time = same[0]


def _pass_on_denials(frames: Sequence[Frame]) -> None:
    """What the headline denies of a site, the text below only repeats."""
    titles = [f for f in frames if f.sentence.position == "title" and f.kind == "on_protected" and f.target.site]
    asserted = {f.target.site for f in titles if not f.turners & DENIALS}
    denied = {f.target.site: f.turners & DENIALS for f in titles if f.target.site not in asserted}
    for frame in frames:
        if frame.target.site in denied:
            frame.turners = frame.turners | denied[frame.target.site]


def _pass_on_owners(frames: Sequence[Frame], sentences: Sequence[Sentence]) -> None:
    """A base that a sentence gives to others ("handed over to the army") is theirs in the whole text."""
    named: set[str] = set()
    for sentence in sentences:
        named = {t.site for t in sentence.targets if t.site} or named
        if "theirs" not in sentence.classes:
            continue
        for frame in frames:
            if (
                frame.kind == "on_protected"
                and frame.target.kind in ("site", "base")
                and (frame.target.site in named or not (named or frame.target.classes & OURS))
            ):
                frame.turners = frame.turners | {"theirs"}
