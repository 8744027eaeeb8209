"""Stories to attacks: place, day, fields, and the words that prove each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

from alerts.classifier.days import BACKGROUND
from alerts.classifier.details import STATES, casualties_of, count_of, weapons_of
from alerts.classifier.features import is_fresh
from alerts.classifier.frames import Frame
from alerts.classifier.origins import origins_of
from alerts.classifier.outcomes import outcome_of
from alerts.classifier.passing import DENIALS
from alerts.classifier.places import countries_of
from alerts.classifier.reading import REGION, Reading
from alerts.classifier.scan import Hit
from alerts.classifier.sentences import FLASH_WORDS, NAMELESS, Sentence
from alerts.classifier.stories import Story, stories_of, usable
from alerts.classifier.targets import ATTACK, WEAPONS
from alerts.classifier.when import when
from alerts.classifier.who import attributed_to, claimed_by
from config.watch import Watch
from core.values import OTHER_NAMED, UNNAMED, Attack, Evidence, Kind, Outcome, Weapon

KIND_OF_TARGET = {"convoy": Kind.CONVOY, "force": Kind.FORCE, "diplomatic": Kind.DIPLOMATIC}
ANOTHER_REACH = 4  #: characters between "second" and the attack that it counts


def attacks_of(reading: Reading, watch: Watch, defaults: Mapping[str, str]) -> tuple[Attack, ...]:
    """The attacks that a positive article tells, the main one first. ``defaults``: place -> its one base."""
    if reading.scan is None:
        return ()
    stories = stories_of(reading, watch, defaults, usable(reading))
    return tuple(_attack(reading, watch, story, stories) for story in stories)


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
    stories = [s for s in stories_of(reading, watch, defaults, denied) if s.site is not None] if denied else []
    return tuple(replace(_attack(reading, watch, story, stories), denied=True) for story in stories)


def _attack(reading: Reading, watch: Watch, story: Story, stories: Sequence[Story]) -> Attack:
    assert reading.scan is not None
    site = watch.sites.get(story.site) if story.site else None
    first = story.frames[0]
    countries = countries_of(reading, first)
    country = site.country if site is not None else (countries[0] if countries else None)
    of_its_day = [s for s in story.sentences if len(stories) == 1 or _may_be_of(s, story.day)]
    claimant, claim_hit = claimed_by(reading.scan, of_its_day)
    if claimant is None and not any("noclaim" in s.classes for s in story.sentences):
        claimant, claim_hit = claimed_by(reading.scan, _unplaced(reading, story, stories), several=len(stories) > 1)
    blamed, _ = attributed_to(story.sentences if len(stories) > 1 else reading.sentences)
    states = bool({claimant, blamed} & STATES) and not _by_militia(story)
    weapons = weapons_of(_tellings(story), country, states)
    count, count_hit = count_of(reading.scan, _ordered(story, story.own))
    harm = casualties_of(reading.scan, story.own if len(stories) > 1 else story.sentences)
    place = _place_name(reading, first)
    elsewhere = place is not None and first.target.kind in ("diplomatic", "facility")
    zone = ZoneInfo(site.time_zone) if site is not None else REGION
    moment = when(reading, _ordered(story, story.sentences), story.day, zone, stated=not story.inferred)
    return Attack(
        base=site.id if site is not None else (OTHER_NAMED if elsewhere else UNNAMED),
        place=None if site is not None else place,
        country=country,
        kind=site.kind if site is not None else KIND_OF_TARGET.get(first.target.kind),
        event_from=moment.start,
        event_to=moment.end,
        date=moment.day,
        date_inferred=story.inferred,
        date_relative=not story.inferred and story.relative,
        weapons=weapons or (Weapon.UNKNOWN,),
        count=count,
        outcome=_outcome(reading, story, stories, count),
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


def _outcome(reading: Reading, story: Story, stories: Sequence[Story], count: int | None) -> Outcome:
    """What came of an attack; what an article says of several at once tells it of the first where nothing else does.

    A flash says what it says of all of them.
    """
    assert reading.scan is not None
    outcome = outcome_of(reading.scan, story.own, story.day, count)
    if outcome is Outcome.UNKNOWN and (story is stories[0] or reading.words <= FLASH_WORDS):
        return outcome_of(reading.scan, story.sentences, story.day, count)
    return outcome


def _by_militia(story: Story) -> bool:
    """Whether the sentences of the attack name armed groups: a state that is named as well stands behind them."""
    return any(t.kind == "hostile" for s in story.sentences for t in s.targets) or any(
        hit.entry.actor in NAMELESS for s in story.sentences for hit in s.actors
    )


def _ordered(story: Story, sentences: Sequence[Sentence]) -> list[Sentence]:
    """Sentences of a story, those that tell of the target itself first."""
    own = {frame.sentence.index for frame in story.frames if not frame.carried}
    return sorted(sentences, key=lambda s: (s.index not in own, s.index))


def _tellings(story: Story) -> list[list[Hit]]:
    """Weapon words sentence by sentence, those that tell the attack itself first."""
    own = {sentence.index for sentence in story.own}
    ordered = _ordered(story, story.own) + [s for s in _ordered(story, story.sentences) if s.index not in own]
    return [[hit for hit in sentence.hits if hit.entry.classes & WEAPONS] for sentence in ordered]


def _unplaced(reading: Reading, story: Story, stories: Sequence[Story]) -> list[Sentence]:
    """Sentences that tell no other story, of no other day: a claim there is of this attack too."""
    others = {s.site for s in stories} - {story.site}
    mine = {s.index for s in story.own}
    theirs = {s.index for other in stories if other is not story for s in other.own} - mine
    return [
        s
        for s in reading.sentences
        if not any(t.site in others for t in s.targets if t.site)
        and not s.classes & (BACKGROUND - {"repeat"})
        and (s.index not in theirs or len(stories) == 1)
        and (len(stories) == 1 or _may_be_of(s, story.day))
    ]


def _may_be_of(sentence: Sentence, day: date | None) -> bool:
    """Whether a sentence names no day, or this one among others."""
    days = {mention.day for mention in sentence.times if mention.day is not None and not mention.spoken}
    return not days or day in days


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
