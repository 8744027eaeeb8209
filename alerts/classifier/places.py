"""Where an attack was: the site that a frame means without naming it, and the countries that an article names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from alerts.classifier.days import BACKGROUND
from alerts.classifier.frames import Frame
from alerts.classifier.reading import Reading
from alerts.classifier.scan import Hit
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import ATTACK
from config.watch import Watch
from core.values import Kind

FROM_REACH = 2  #: characters between "from" and the country that something was fired from
BESIDE_REACH = 20  #: characters between a nameless place and the site at which it lies
APART = frozenset({"and", "another", "from"}) | ATTACK


def named_in_passing(reading: Reading) -> set[str | None]:
    """Sites that only sentences of the background name: what the next sentence tells was not at them."""
    behind: set[str | None] = set()
    told: set[str | None] = set()
    for sentence in reading.sentences:
        aside = sentence.position == "body" and sentence.classes & BACKGROUND
        (behind if aside else told).update(t.site for t in sentence.targets if t.site)
    return behind - told


def at_its_site(frame: Frame) -> Frame:
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


def by_land(frames: Sequence[Frame], defaults: Mapping[str, str]) -> list[Frame]:
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


def implied_site(reading: Reading, watch: Watch, frames: Sequence[Frame], defaults: Mapping[str, str]) -> str | None:
    """The site that "the embassy" or "the base in Erbil" means."""
    frame = frames[0]
    if any(f.target.kind == "diplomatic" for f in frames):
        return _diplomatic_site(reading, watch, frame)
    near = [hit for f in frames for hit in f.sentence.places if f.sentence.position != "body"]
    for hit in sorted(near, key=lambda hit: abs(hit.start - frame.target.start)):
        place = hit.entry.place or ""
        if place in defaults and ("/" in place or frame.target.kind == "base"):
            return defaults[place]
    return None


def _places(reading: Reading, frame: Frame) -> list[Hit]:
    """Places nearest first: in the frame's sentence, then in title and lead."""
    near = sorted(frame.sentence.places, key=lambda hit: abs(hit.start - frame.target.start))
    return near + [h for s in reading.sentences if s.position != "body" and s is not frame.sentence for h in s.places]


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
