"""Frames to stories: which frames tell one attack, and at which site and on which day it was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from alerts.classifier.features import DIRTY, is_fresh
from alerts.classifier.frames import Frame
from alerts.classifier.reading import Reading
from alerts.classifier.scan import Hit
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import ATTACK
from config.watch import Watch
from core.values import Kind

TODAY_REACH = 4  #: characters between "today" and the name of that day
FROM_REACH = 2  #: characters between "from" and the country that something was fired from
MAX_STORIES = 6  #: more attacks in one article are a round-up whose tail nobody can check
#: words of sentences that tell of other days
BACKGROUND = frozenset({"since", "repeat", "anniversary", "tally", "earlier"})
BELOW = 3  #: sentences below the opening in which the day of the attack is looked for
BESIDE_REACH = 20  #: characters between a nameless place and the site at which it lies
APART = frozenset({"and", "another", "from"}) | ATTACK
ASIDE = BACKGROUND | {"ownstrike", "response", "another"}


@dataclass(slots=True)
class Story:
    """The frames that tell one attack."""

    site: str | None
    frames: list[Frame]
    day: date | None = None
    inferred: bool = True
    sentences: list[Sentence] = field(default_factory=list)


def usable(reading: Reading) -> list[Frame]:
    """Frames that tell an attack; the strictest non-empty choice."""
    on = [f for f in reading.frames if f.kind == "on_protected" and not f.rival]
    strong = [f for f in on if f.strong]
    fresh = [f for f in strong if is_fresh(f, reading.published, 7)]
    clean = [f for f in fresh if not f.turners & DIRTY]
    return clean or fresh or strong or on or [f for f in reading.frames if f.kind in ("on_protected", "on_base")]


def stories_of(reading: Reading, watch: Watch, defaults: Mapping[str, str], frames: Sequence[Frame]) -> list[Story]:
    default = _default_day(reading, frames)
    several = _tells_several(reading)
    frames = _by_land([_at_its_site(frame) for frame in frames], defaults)
    past = _named_in_passing(reading)
    frames = [f for f in frames if not (f.carried and f.target.site in past)] or frames
    frames.sort(key=lambda frame: (frame.sentence.index, frame.target.site is None))
    stories: list[Story] = []
    for frame in frames:
        site = frame.target.site
        day = _day_told(frame)
        told = next((s for s in stories if _same(s, site, day, reading, watch, defaults)), None)
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
    for story in stories:
        story.site = story.site or _implied_site(reading, watch, story, defaults)
        if story.day is None:
            story.day = default
        story.sentences = _sentences_of(reading, story, stories)
    return stories


def _day_told(frame: Frame) -> date | None:
    """The day that a frame gives its attack; a day beside the answer of the protected side is the answer's."""
    if frame.time is None or frame.time.since or "ownstrike" in frame.sentence.classes:
        return None
    told = frame.time.start
    if not any(hit.start == told and "t_today" in hit.entry.classes for hit in frame.sentence.hits):
        return frame.time.day
    for mention in frame.sentence.times:
        near = max(mention.start - frame.time.end, frame.time.start - mention.end) <= TODAY_REACH
        if near and mention.day is not None and frame.time.day == mention.day + timedelta(days=1):
            return mention.day  # "this evening, Saturday", told after midnight: the name of the day counts
    return frame.time.day


def _tells_several(reading: Reading) -> bool:
    """Whether the headline or opening speaks of several attacks, or of attacks on several places."""
    ahead = [f for f in reading.frames if f.sentence.position != "body" and f.kind == "on_protected" and f.strong]
    sites = {f.target.site for f in ahead if f.target.site}
    lands = {(hit.entry.place or "").partition("/")[0] for f in ahead for hit in f.sentence.places}
    return len(sites) > 1 or len(lands) > 2 or any("plural" in f.classes for f in ahead)


def _named_in_passing(reading: Reading) -> set[str | None]:
    """Sites that only sentences of the background name: what the next sentence tells was not at them."""
    behind: set[str | None] = set()
    told: set[str | None] = set()
    for sentence in reading.sentences:
        aside = sentence.position == "body" and sentence.classes & BACKGROUND
        (behind if aside else told).update(t.site for t in sentence.targets if t.site)
    return behind - told


def _at_its_site(frame: Frame) -> Frame:
    """ "the diplomatic facility at Baghdad airport": a nameless place beside the only site that its sentence names."""
    target = frame.target
    if target.site is not None or target.kind not in ("base", "diplomatic"):
        return frame
    named = {t.site: t for t in frame.sentence.targets if t.site and t.protected and t.role == "patient"}
    if len(named) != 1:
        return frame
    site, beside = next(iter(named.items()))
    low, high = sorted((target.start, beside.start))
    apart = any(low < h.start < high and h.entry.classes & APART for h in frame.sentence.hits)
    if apart or beside.start < target.start or high - min(target.end, beside.end) > BESIDE_REACH:
        return frame
    return replace(frame, target=replace(target, site=site))


def _by_land(frames: Sequence[Frame], defaults: Mapping[str, str]) -> list[Frame]:
    """ "our bases in Bahrain and Qatar": a frame for each land that has one base, in place of one for none."""
    found: list[Frame] = []
    for frame in frames:
        sites = {}
        if frame.target.site is None and frame.target.kind == "base" and frame.sentence.position != "body":
            behind = [hit for hit in frame.sentence.places if hit.start >= frame.target.start]
            sites = {defaults[hit.entry.place or ""]: hit for hit in behind if (hit.entry.place or "") in defaults}
        if len(sites) > 1:
            found.extend(replace(frame, target=replace(frame.target, site=site)) for site in sites)
        else:
            found.append(frame)
    return found


def _same(
    story: Story,
    site: str | None,
    day: date | None,
    reading: Reading,
    watch: Watch,
    defaults: Mapping[str, str],
) -> bool:
    """Whether a site and day are those of a story; a story without a site takes the first that its places allow."""
    if story.site is None and site is not None:
        implied = _implied_site(reading, watch, story, defaults)
        same_site = implied is None or implied == site
    else:
        same_site = site == story.site or story.site is None
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
    if not (frame.events & ATTACK or (frame.target.to and not frame.target.to_noise)):
        return False  # where blasts were heard is no second target
    if frame.sentence.position != "body":
        return True
    if several and not frame.carried and frame.events & {"attack_verb", "passive"} and not frame.turners & BACKGROUND:
        return True
    return recent or bool(frame.sentence.classes & {"another", "claim"} and frame.events & {"attack_verb", "passive"})


def _implied_site(reading: Reading, watch: Watch, story: Story, defaults: Mapping[str, str]) -> str | None:
    """The site that "the embassy" or "the base in Erbil" means."""
    frame = story.frames[0]
    if any(f.target.kind == "diplomatic" for f in story.frames):
        return _diplomatic_site(reading, watch, frame)
    near = [hit for f in story.frames for hit in f.sentence.places if f.sentence.position != "body"]
    for hit in sorted(near, key=lambda hit: abs(hit.start - frame.target.start)):
        place = hit.entry.place or ""
        if place in defaults and ("/" in place or frame.target.kind == "base"):
            return defaults[place]
    return None


def _places(reading: Reading, frame: Frame) -> list[Hit]:
    """Places nearest first: in the frame's sentence, then in title and lead."""
    near = sorted(frame.sentence.places, key=lambda hit: abs(hit.start - frame.target.start))
    return near + [h for s in reading.sentences if s.position != "body" and s is not frame.sentence for h in s.places]


def _default_day(reading: Reading, frames: Sequence[Frame]) -> date:
    for frame in frames:
        day = _day_told(frame)
        if day is not None:
            return day
    for sentence in reading.sentences:
        if sentence.position in ("title", "lead") and "ownstrike" not in sentence.classes:
            for mention in sentence.times:
                if mention.day is not None and not mention.since and not mention.old:
                    return mention.day
    return _day_below(reading) or reading.published


def _day_below(reading: Reading) -> date | None:
    """The day that the first sentences below the opening give to an attack: news of it that begins with its outcome."""
    body = [s for s in reading.sentences if s.position == "body"]
    for sentence in body[:BELOW]:
        if not sentence.classes & {"attack_verb", "passive", "launch", "fall"} or sentence.classes & ASIDE:
            continue
        days = [m.day for m in sentence.times if m.day is not None and not m.since and not m.old]
        if days and (reading.published - min(days)).days <= 3 and not _of_others(sentence):
            return min(days)
    return None


def _sentences_of(reading: Reading, story: Story, stories: Sequence[Story]) -> list[Sentence]:
    """The sentences that tell the story: its own, for a sole story the title and lead, and what goes on about it."""
    own = {frame.sentence.index for frame in story.frames}
    if len(stories) > 1:
        ahead = [s for s in reading.sentences if s.position != "body" and not any(t.site for t in s.targets)]
        shared = {s.index for s in ahead if not s.classes & BACKGROUND and not _of_others(s)}
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
        or ((s.position != "body" or s.index <= last + 2) and not s.classes & BACKGROUND and not _of_others(s))
    ]


def _of_others(sentence: Sentence) -> bool:
    """Whether a sentence speaks of other targets, or of strikes by the protected side, alone."""
    kinds = {(t.kind, t.role) for t in sentence.targets}
    others = any(kind in ("other", "ship", "hostile") for kind, _ in kinds)
    return others and not any(t.protected and t.role == "patient" for t in sentence.targets)


def _diplomatic_site(reading: Reading, watch: Watch, frame: Frame) -> str | None:
    """The mission that "the US embassy" means, from the places the article names."""
    cities = dict.fromkeys(hit.entry.place for hit in _places(reading, frame))
    missions = [s for s in watch.sites.values() if s.kind is Kind.DIPLOMATIC]
    for city in cities:
        if city and "/" in city:
            name = city.partition("/")[2]
            return next((m.id for m in missions if m.id.endswith(name)), None)
    countries = countries_of(reading, frame)
    found = [m for m in missions if m.country in countries[:1]]
    return found[0].id if found else None


def countries_of(reading: Reading, frame: Frame | None) -> list[str]:
    """Countries named nearest first: in the sentence, then in the title and lead, then anywhere.

    Where something was fired from comes last: "rockets from Iraq at a US base in Syria".
    """
    ordered: list[Hit] = []
    launched: set[int] = set()
    if frame is not None:
        ordered += sorted(frame.sentence.places, key=lambda hit: abs(hit.start - frame.target.start))
    for sentence in reading.sentences:
        ordered += sentence.places
        launched |= {id(place) for place in sentence.places if _launched_from(sentence, place)}
    ordered.sort(key=lambda hit: id(hit) in launched)
    return list(dict.fromkeys((hit.entry.place or "").partition("/")[0] for hit in ordered))


def _launched_from(sentence: Sentence, place: Hit) -> bool:
    """Whether a place stands right behind "from"."""
    return any(
        "from" in hit.entry.classes and "to" not in hit.entry.classes and 0 <= place.start - hit.word_end <= FROM_REACH
        for hit in sentence.hits
    )
