"""Frames to attacks: which frames tell one attack, where and when it was, and the words that prove it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from alerts.classifier.details import STATES, casualties_of, count_of, outcome_of, weapons_of
from alerts.classifier.features import DIRTY, is_fresh
from alerts.classifier.frames import Frame, Sentence
from alerts.classifier.origins import origins_of
from alerts.classifier.reading import REGION, Reading
from alerts.classifier.scan import Hit
from alerts.classifier.targets import ATTACK, WEAPONS, gap
from alerts.classifier.when import when
from alerts.classifier.who import attributed_to, claimed_by
from config.watch import Watch
from core.values import OTHER_NAMED, UNNAMED, Attack, Evidence, Kind, Weapon

MAX_ATTACKS = 6  #: more in one article is a round-up whose tail nobody can check
KIND_OF_TARGET = {"convoy": Kind.CONVOY, "force": Kind.FORCE, "diplomatic": Kind.DIPLOMATIC}
FROM_REACH = 2  #: characters between "from" and the country that something was fired from
ANOTHER_REACH = 4  #: characters between "second" and the attack that it counts
DENIALS = frozenset({"deny", "false"})
#: words of sentences that tell of other days
BACKGROUND = frozenset({"since", "repeat", "anniversary", "tally", "earlier"})


@dataclass(slots=True)
class Story:
    """The frames that tell one attack."""

    site: str | None
    frames: list[Frame]
    day: date | None = None
    inferred: bool = True
    sentences: list[Sentence] = field(default_factory=list)


def attacks_of(reading: Reading, watch: Watch, defaults: Mapping[str, str]) -> tuple[Attack, ...]:
    """The attacks that a positive article tells, the main one first. ``defaults``: place -> its one base."""
    if reading.scan is None:
        return ()
    stories = _stories(reading, watch, defaults, _usable(reading))
    return tuple(_attack(reading, watch, story, stories) for story in stories[:MAX_ATTACKS])


def denials_of(reading: Reading, watch: Watch, defaults: Mapping[str, str]) -> tuple[Attack, ...]:
    """The attacks of which an article that tells none says that they did not happen; ``denied`` is set on each.

    They never raise an alert: they let an incident that others reported be corrected.
    """
    if reading.scan is None:
        return ()
    denied = [
        f
        for f in reading.frames
        if f.kind == "on_protected"
        and f.turners & DENIALS
        and f.sentence.position != "body"
        and is_fresh(f, reading.published)
        and not f.turners & {"threat", "anniversary", "recycled"}
    ]
    stories = [s for s in _stories(reading, watch, defaults, denied) if s.site is not None] if denied else []
    return tuple(replace(_attack(reading, watch, story, stories), denied=True) for story in stories[:MAX_ATTACKS])


def _usable(reading: Reading) -> list[Frame]:
    """Frames that tell an attack; the strictest non-empty choice."""
    on = [f for f in reading.frames if f.kind == "on_protected" and not f.rival]
    strong = [f for f in on if f.strong]
    fresh = [f for f in strong if is_fresh(f, reading.published, 7)]
    clean = [f for f in fresh if not f.turners & DIRTY]
    return clean or fresh or strong or on or [f for f in reading.frames if f.kind in ("on_protected", "on_base")]


def _stories(reading: Reading, watch: Watch, defaults: Mapping[str, str], frames: Sequence[Frame]) -> list[Story]:
    default = _default_day(reading, frames)
    stories: list[Story] = []
    for frame in frames:
        site = frame.target.site
        day = _day_told(frame)
        told = next((s for s in stories if _same(s, site, day)), None)
        if told is None:
            if stories and site is None and not _elsewhere(frame, stories[0], watch):
                told = stories[0]
            elif stories and not _another_story(frame, stories, site, reading.published):
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
    return frame.time.day


def _same(story: Story, site: str | None, day: date | None) -> bool:
    same_site = site == story.site or story.site is None
    return same_site and (day is None or story.day is None or day == story.day)


def _elsewhere(frame: Frame, story: Story, watch: Watch) -> bool:
    """Whether a further sentence speaks of another country than the one of the story's site."""
    site = watch.sites.get(story.site) if story.site else None
    countries = {(hit.entry.place or "").partition("/")[0] for hit in frame.sentence.places}
    return site is not None and frame.sentence.position == "body" and bool(countries) and site.country not in countries


def _another_story(frame: Frame, stories: Sequence[Story], site: str | None, published: date) -> bool:
    """Whether a frame tells a further attack of the same news, not a place or an older day named in passing."""
    day = frame.time.day if frame.time is not None else None
    recent = day is not None and (published - day).days <= 3
    if any(story.site == site for story in stories):
        return recent and frame.sentence.position != "title" and bool(frame.sentence.classes & {"another", "earlier"})
    if not (frame.events & ATTACK or (frame.target.to and not frame.target.to_noise)):
        return False  # where blasts were heard is no second target
    if frame.sentence.position != "body":
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
    return reading.published


def _sentences_of(reading: Reading, story: Story, stories: Sequence[Story]) -> list[Sentence]:
    """The sentences that tell the story: its own, for a sole story the title and lead, and what goes on about it."""
    own = {frame.sentence.index for frame in story.frames}
    if len(stories) > 1:
        return [s for s in reading.sentences if s.index in own]
    last = max(own)
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
    cities = {hit.entry.place for hit in _places(reading, frame)}
    missions = [s for s in watch.sites.values() if s.kind is Kind.DIPLOMATIC]
    for city in cities:
        if city and "/" in city:
            name = city.partition("/")[2]
            return next((m.id for m in missions if m.id.endswith(name)), None)
    countries = _countries(reading, frame)
    found = [m for m in missions if m.country in countries[:1]]
    return found[0].id if found else None


def _countries(reading: Reading, frame: Frame | None) -> list[str]:
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


def _attack(reading: Reading, watch: Watch, story: Story, stories: Sequence[Story]) -> Attack:
    assert reading.scan is not None
    site = watch.sites.get(story.site) if story.site else None
    first = story.frames[0]
    countries = _countries(reading, first)
    country = site.country if site is not None else (countries[0] if countries else None)
    claimant, claim_hit = claimed_by(reading.scan, story.sentences)
    if claimant is None and not any("noclaim" in s.classes for s in story.sentences):
        claimant, claim_hit = claimed_by(reading.scan, _unplaced(reading, story, stories))
    blamed, _ = attributed_to(story.sentences if len(stories) > 1 else reading.sentences)
    states = bool({claimant, blamed} & STATES)
    weapons = weapons_of(_tellings(story, stories), country, states)
    count, count_hit = count_of(reading.scan, _ordered(story))
    harm = casualties_of(reading.scan, story.sentences)
    place = _place_name(reading, first)
    elsewhere = place is not None and first.target.kind in ("diplomatic", "facility")
    zone = ZoneInfo(site.time_zone) if site is not None else REGION
    moment = when(reading, _ordered(story), story.day, zone, stated=not story.inferred)
    return Attack(
        base=site.id if site is not None else (OTHER_NAMED if elsewhere else UNNAMED),
        place=None if site is not None else place,
        country=country,
        kind=site.kind if site is not None else KIND_OF_TARGET.get(first.target.kind),
        event_from=moment.start,
        event_to=moment.end,
        date=moment.day,
        date_inferred=story.inferred,
        weapons=weapons or (Weapon.UNKNOWN,),
        count=count,
        outcome=outcome_of(story.sentences, count),
        killed=harm.killed,
        injured=harm.injured,
        killed_others=harm.killed_others,
        injured_others=harm.injured_others,
        claimed_by=claimant,
        attributed_to=blamed,
        denied=_is_denied(story),
        another=any(_is_another(f.sentence, story.day) for f in story.frames if f.sentence.position != "body"),
        origins=origins_of(reading.scan, story.sentences, claimant, country),
        evidence=_evidence(reading, story, count_hit, claim_hit),
    )


def _ordered(story: Story) -> list[Sentence]:
    """The story's sentences, those that tell of the target itself first."""
    own = {frame.sentence.index for frame in story.frames if not frame.carried}
    return sorted(story.sentences, key=lambda s: (s.index not in own, s.index))


def _tellings(story: Story, stories: Sequence[Story]) -> list[list[Hit]]:
    """Weapon words sentence by sentence, without those that stand nearer to another story's site."""
    rivals = {s.site for s in stories} - {story.site}
    found: list[list[Hit]] = []
    for sentence in _ordered(story):
        hits = [hit for hit in sentence.hits if hit.entry.classes & WEAPONS]
        theirs = [t for t in sentence.targets if t.site in rivals and t.site]
        mine = [t for t in sentence.targets if t.site == story.site]
        if theirs and mine:
            hits = [h for h in hits if min(gap(t, h) for t in mine) <= min(gap(t, h) for t in theirs)] or hits
        found.append(hits)
    return found


def _unplaced(reading: Reading, story: Story, stories: Sequence[Story]) -> list[Sentence]:
    """Sentences that name no other story's site: a claim there is of this attack too."""
    others = {s.site for s in stories} - {story.site}
    return [
        s
        for s in reading.sentences
        if not any(t.site in others for t in s.targets if t.site) and not s.classes & (BACKGROUND - {"repeat"})
    ]


def _place_name(reading: Reading, frame: Frame) -> str | None:
    assert reading.scan is not None
    near = sorted(frame.sentence.places, key=lambda hit: abs(hit.start - frame.target.start))
    hit = next((h for h in near if "/" in (h.entry.place or "")), None)
    if hit is None:
        return None
    start, end = reading.scan.plain.span(hit.start, hit.word_end)
    return reading.raw[start:end]


def _is_denied(story: Story) -> bool:
    """Whether the headline and lead deny the attack, or else every sentence on it: the body repeats what is denied."""
    ahead = [f for f in story.frames if f.sentence.position == "title"]
    ahead = ahead or [f for f in story.frames if f.sentence.position == "lead"]
    return all(f.turners & DENIALS for f in ahead or story.frames)


def _is_another(sentence: Sentence, day: date | None) -> bool:
    """ "a second attack today": a word that counts attacks right before one of them, on the day that is told."""
    if not any(mention.day is not None and mention.day == day for mention in sentence.times):
        return False
    return any(
        (
            "another" in first.entry.classes
            and second.entry.classes & (ATTACK | WEAPONS | {"explosion"})
            and -1 <= second.start - first.word_end <= ANOTHER_REACH
        )
        or (
            "another" in second.entry.classes
            and first.entry.classes & (ATTACK | {"explosion"})
            and -1 <= second.start - first.word_end <= ANOTHER_REACH
        )
        for first, second in pairwise(sentence.hits)
    )


def _evidence(reading: Reading, story: Story, *extra: object) -> tuple[Evidence, ...]:
    assert reading.scan is not None
    scan = reading.scan
    found: list[Evidence] = []

    def add(name: str, start: int, end: int) -> None:
        begin, stop = scan.plain.span(start, end)
        text = reading.raw[begin:stop]
        begin += len(text) - len(text.lstrip())
        text = text.strip()
        if text:
            found.append(Evidence(field=name, text=text, start=begin, end=begin + len(text)))

    frame = story.frames[0]
    add("attack", frame.sentence.start, frame.sentence.end)
    add("base", frame.target.start, frame.target.end)
    if frame.time is not None and frame.time.day is not None:
        add("date", frame.time.start, frame.time.end)
    weapon = next((h for s in story.sentences for h in s.hits if h.entry.classes & WEAPONS), None)
    for name, hit in (("weapons", weapon), ("count", extra[0]), ("claimed_by", extra[1])):
        if hit is not None:
            add(name, hit.start, hit.word_end)  # type: ignore[attr-defined]
    return tuple(found)


__all__ = ["OTHER_NAMED", "Story", "attacks_of"]
