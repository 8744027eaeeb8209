"""Frames to stories: which frames tell one attack, and at which site and on which day it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise

from alerts.classifier.days import ASIDE, BACKGROUND, day_spoken, day_told, default_day, of_others
from alerts.classifier.features import DIRTY, is_fresh
from alerts.classifier.frames import Frame
from alerts.classifier.places import (
    are_neighbours,
    at_its_site,
    by_land,
    implied_site,
    may_be,
    named_in_passing,
    without_towns,
)
from alerts.classifier.reading import Reading
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import ATTACK, KINETIC, WEAPONS, Target, gap
from alerts.classifier.times import RECENT_DAYS
from config.watch import Watch

SPOKEN_LATE = timedelta(days=2)  #: an attack that is spoken of later is no news any more
EARLY = 6  #: sentences from the top in which a report goes on with its news
FOLLOWS = 2  #: sentences behind one of an attack that may go on with it
LISTED = 12  #: characters between two sites of one list
#: words that tell what was used and what came of it
FACTS = WEAPONS | {"intercept", "half", "all_down", "hit", "struck", "missed", "fall", "no_damage", "foiled"}
FACTS |= {"killed", "injured", "none_hurt", "none_killed", "explosion", "debris"}
NOT_NEXT = BACKGROUND | {"ownstrike", "response", "threat", "hypothetical", "signal"}
MAX_STORIES = 6  #: more attacks in one article are a round-up whose tail nobody can check


@dataclass(slots=True)
class Story:
    """The frames that tell one attack."""

    site: str | None
    frames: list[Frame]
    day: date | None = None
    inferred: bool = True
    relative: bool = False  #: the day is counted back from publication
    sentences: list[Sentence] = field(default_factory=list)
    #: of these the ones that tell it alone; where an article tells several attacks, not what it says of them all
    own: list[Sentence] = field(default_factory=list)


def usable(reading: Reading) -> list[Frame]:
    """Frames that tell an attack; the strictest non-empty choice."""
    on = [f for f in reading.frames if f.kind == "on_protected" and not f.rival]
    strong = [f for f in on if f.strong]
    fresh = [f for f in strong if is_fresh(f, reading.published, 7)]
    clean = [f for f in fresh if not f.turners & DIRTY]
    return clean or fresh or strong or on or [f for f in reading.frames if f.kind in ("on_protected", "on_base")]


def stories_of(reading: Reading, watch: Watch, defaults: Mapping[str, str], frames: Sequence[Frame]) -> list[Story]:
    default = default_day(reading, frames)
    several = _tells_several(reading)
    frames = without_towns(by_land([at_its_site(frame) for frame in frames], defaults), watch)
    past = named_in_passing(reading)
    frames = [f for f in frames if not (f.carried and f.target.site in past)] or frames
    frames.sort(key=lambda frame: (frame.sentence.index, frame.target.site is None))
    stories: list[Story] = []
    for frame in frames:
        site = frame.target.site
        day = day_told(frame)
        told = next((s for s in stories if _same(s, site, day, reading, watch)), None)
        if told is None:
            if stories and site is None and not _elsewhere(frame, stories[0], watch):
                told = stories[0]
            elif len(stories) >= MAX_STORIES or (
                stories and not _another_story(frame, stories, site, reading.published, several=several)
            ):
                continue
            else:
                told = Story(site, [])
                stories.append(told)
        told.frames.append(frame)
        told.site = told.site or site
        if day is not None and told.day is None:
            told.day, told.inferred = day, False
            told.relative = frame.time is not None and frame.time.relative
    for story in stories:
        story.site = story.site or implied_site(reading, watch, story.frames, defaults, {s.site for s in stories})
        _settle_day(story, default)
        story.sentences = _sentences_of(reading, story, stories)
        story.own = story.sentences
    if len(stories) > 1:
        _part(reading, stories)
    return stories


def _part(reading: Reading, stories: Sequence[Story]) -> None:
    """Give each of several attacks the sentences that tell it, and those behind that name no place of their own."""
    told = {id(story): {frame.sentence.index for frame in story.frames} for story in stories}
    current: list[Story] = []
    last = -2
    for sentence in reading.sentences:
        tellers = [story for story in stories if sentence.index in told[id(story)]]
        named = any(t.site or t.kind in ("other", "ship") for t in sentence.targets)
        if tellers:
            current, last = tellers, sentence.index
        elif sentence.in_title or named or sentence.classes & ASIDE or sentence.index - last > FOLLOWS:
            current = []
        for story in current:
            told[id(story)].add(sentence.index)
    for story in stories:
        story.own = [_trimmed(s, story, stories) for s in reading.sentences if s.index in told[id(story)]]


def _trimmed(sentence: Sentence, story: Story, stories: Sequence[Story]) -> Sentence:
    """A sentence without the words that stand nearer to the site of another attack; "bases A and B" share theirs."""
    mine = [t for t in sentence.targets if t.site == story.site]
    rivals = {s.site for s in stories if s is not story and s.site != story.site} - {None}
    theirs = [t for t in sentence.targets if t.site in rivals]
    if not mine or not theirs or _listed(mine + theirs):
        return sentence
    lost = [
        hit
        for hit in sentence.hits
        if hit.entry.classes & FACTS and min(gap(t, hit) for t in theirs) < min(gap(t, hit) for t in mine)
    ]
    if not lost:
        return sentence
    kept = [hit for hit in sentence.hits if not any(hit is other for other in lost)]
    if not any(hit.entry.classes & WEAPONS for hit in kept):
        kept = [hit for hit in sentence.hits if hit in kept or hit.entry.classes & WEAPONS]
    gone = set().union(*(hit.entry.classes for hit in lost)) - set().union(*(hit.entry.classes for hit in kept))
    return replace(sentence, hits=kept, classes=sentence.classes - gone)


def _settle_day(story: Story, default: date) -> None:
    """The day of a story: the one told, else the one on which it was spoken of, else ``default``.

    A day that the body gives more than two days before somebody spoke of the attack is of another one.
    """
    spoken = next((day for f in story.frames if (day := day_spoken(f)) is not None), None)
    told = any(day_told(f) == story.day for f in story.frames if f.sentence.position != "body")
    if spoken is not None and (story.day is None or (not told and spoken - story.day > SPOKEN_LATE)):
        story.day, story.inferred = min(spoken, default), False
    elif story.day is None:
        story.day = default


def _listed(targets: Sequence[Target]) -> bool:
    """Whether sites stand one behind the other: what is said of one goes for all."""
    ordered = sorted(targets, key=lambda target: target.start)
    return all(second.start - first.end <= LISTED for first, second in pairwise(ordered))


def _tells_several(reading: Reading) -> bool:
    """Whether the headline or opening speaks of several attacks, or of attacks on several places."""
    ahead = [f for f in reading.frames if f.sentence.position != "body" and f.kind == "on_protected" and f.strong]
    sites = {f.target.site for f in ahead if f.target.site}
    lands = {(hit.entry.place or "").partition("/")[0] for f in ahead for hit in f.sentence.places}
    return len(sites) > 1 or len(lands) > 2 or any("plural" in f.classes for f in ahead)


def _same(story: Story, site: str | None, day: date | None, reading: Reading, watch: Watch) -> bool:
    """Whether a site and day are those of a story; a story without a site takes the first that its places allow."""
    if story.site is None and site is not None:
        same_site = may_be(reading, watch, story.frames, site)
    else:
        same_site = story.site is None or site == story.site or are_neighbours(watch, site, story.site)
    return same_site and (day is None or story.day is None or day == story.day)


def _elsewhere(frame: Frame, story: Story, watch: Watch) -> bool:
    """Whether a further sentence speaks of another country than the one of the story's site."""
    site = watch.sites.get(story.site) if story.site else None
    countries = {(hit.entry.place or "").partition("/")[0] for hit in frame.sentence.places}
    return site is not None and frame.sentence.position == "body" and bool(countries) and site.country not in countries


def _another_story(frame: Frame, stories: Sequence[Story], site: str | None, published: date, *, several: bool) -> bool:
    """Whether a frame tells a further attack of the same news, not a place or an older day named in passing."""
    day = frame.time.day if frame.time is not None else None
    recent = day is not None and (published - day).days <= 3
    if any(story.site == site for story in stories):
        return recent and frame.sentence.position != "title" and bool(frame.sentence.classes & {"another", "earlier"})
    if several and _is_next(frame, site, published):
        return True
    if not (frame.events & ATTACK or (frame.target.to and not frame.target.to_noise)):
        return False  # where blasts were heard is no second target
    if frame.sentence.position != "body":
        return True
    if site is None:
        return recent  # "the attack in Jordan": one that everybody remembers
    told = frame.events & {"attack_verb", "passive"} or (frame.events & {"launch"} and (several or frame.target.to))
    early = several or (frame.sentence.index <= EARLY and not frame.turners)
    if told and early and not frame.carried and not frame.turners & (BACKGROUND | {"ownstrike", "response"}):
        return True
    return recent or bool(frame.sentence.classes & {"another", "claim"} and frame.events & {"attack_verb", "passive"})


def _is_next(frame: Frame, site: str | None, published: date) -> bool:
    """Whether a frame of a round-up tells what was done to the next of its bases: "six rockets fell outside …"."""
    day = frame.time.day if frame.time is not None else None
    if site is None or frame.carried or not frame.weapons or frame.turners & NOT_NEXT:
        return False
    if "explosion" in frame.events:
        return False  # where blasts were heard
    return bool(frame.events & KINETIC) and (day is None or (published - day).days <= RECENT_DAYS)


def _sentences_of(reading: Reading, story: Story, stories: Sequence[Story]) -> list[Sentence]:
    """The sentences that tell the story: its own, for a sole story the title and lead, and what goes on about it."""
    own = {frame.sentence.index for frame in story.frames}
    if len(stories) > 1:
        ahead = [s for s in reading.sentences if s.position != "body" and not any(t.site for t in s.targets)]
        shared = {s.index for s in ahead if not s.classes & BACKGROUND and not of_others(s)}
        return [s for s in reading.sentences if s.index in own | shared]
    last = max(own)
    own |= {
        f.sentence.index
        for f in reading.frames
        if f.sentence.position != "body" and f.kind == "on_protected" and f.strong and f.turners <= {"repeat", "cause"}
    }
    return [
        s
        for s in reading.sentences
        if s.index in own
        or ((s.position != "body" or s.index <= last + 2) and not s.classes & BACKGROUND and not of_others(s))
    ]
