"""Where an attack was: the site that a frame means without naming it, and the countries that an article names."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from alerts.classifier.days import BACKGROUND
from alerts.classifier.frames import Frame
from alerts.classifier.reading import Reading
from alerts.classifier.scan import Hit
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import ATTACK
from config.watch import Site, Watch
from core.calendar_names import fold_name
from core.values import Kind

FROM_REACH = 24  #: characters between "from" and the country that something was fired from
BESIDE_REACH = 20  #: characters between a nameless place and the site at which it lies
NAMED_BELOW = 4  #: sentences below the last that tells the attack in which its base may be named
#: sentences whose sites are of other attacks
ELSEWHERE = (BACKGROUND - {"earlier"}) | {"ownstrike", "threat"}
NEIGHBOURS = 2.0  #: kilometres between two sites of one attack
KM_A_DEGREE = 111.2  #: of latitude
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
    """ "the diplomatic facility at Baghdad airport": a nameless place beside the only site that its sentence names.

    Or beside one of several: "a base with our troops near Erbil airport".
    """
    target = frame.target
    if target.site is not None or target.kind not in ("base", "diplomatic"):
        return frame
    behind = (t for t in frame.sentence.targets if t.start >= target.end and t.role != "host")
    after = next(behind, None)
    named = {t.site: t for t in frame.sentence.targets if t.site and t.protected and t.role == "patient"}
    if after is None or not after.site or (len(named) != 1 and not after.near):
        return frame
    apart = any(target.end <= h.start < after.start and h.entry.classes & APART for h in frame.sentence.hits)
    hosted = any(t.role == "host" and target.end <= t.start < after.start for t in frame.sentence.targets)
    if apart or after.start - target.end > BESIDE_REACH * (2 if hosted else 1):
        return frame
    return replace(frame, target=replace(target, site=after.site))


def are_neighbours(watch: Watch, first: str | None, second: str | None) -> bool:
    """Whether two sites lie so close together that one attack is meant when both are named."""
    if first is None or second is None:
        return False
    a, b = watch.sites[first], watch.sites[second]
    east = (a.lon - b.lon) * math.cos(math.radians(a.lat))
    return math.hypot(a.lat - b.lat, east) * KM_A_DEGREE <= NEIGHBOURS


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


def implied_site(
    reading: Reading, watch: Watch, frames: Sequence[Frame], defaults: Mapping[str, str], taken: Collection[str | None]
) -> str | None:
    """The site that "the embassy" or "the base in Erbil" means; ``taken``: sites of other attacks."""
    frame = frames[0]
    if any(f.target.kind == "diplomatic" for f in frames):
        return _diplomatic_site(reading, watch, frame)
    named = _named_site(reading, watch, frames)
    if named is not None and named not in taken:
        return named
    near = [hit for f in frames for hit in f.sentence.places if f.sentence.position != "body"]
    for hit in sorted(near, key=lambda hit: abs(hit.start - frame.target.start)):
        place = hit.entry.place or ""
        if place in defaults and frame.target.kind != "facility" and ("/" in place or frame.target.kind == "base"):
            return defaults[place]
    return None


def without_towns(frames: Sequence[Frame], watch: Watch) -> list[Frame]:
    """Frames of which those that name a town alone keep no site where others name a base of that region."""
    bases = [watch.sites[f.target.site] for f in frames if f.target.site and not f.target.city]
    regions = {(base.country, base.admin1) for base in bases} - {None}

    def is_elsewhere(frame: Frame) -> bool:
        site = watch.sites[frame.target.site] if frame.target.site and frame.target.city else None
        return site is None or (site.country, site.admin1) not in regions or site in bases

    return [f if is_elsewhere(f) else replace(f, target=replace(f.target, site=None, kind="base")) for f in frames]


def may_be(reading: Reading, watch: Watch, frames: Sequence[Frame], site: str) -> bool:
    """Whether the base that frames leave without a name may be a site that the report names elsewhere."""
    if any(f.target.kind == "diplomatic" for f in frames):
        if all("compound" in f.target.classes for f in frames):
            return _lies_in(watch.sites[site], _regions(frames))  # "a diplomatic facility", which is no embassy
        return _diplomatic_site(reading, watch, frames[0]) in (None, site)
    return _lies_in(watch.sites[site], _regions(frames))


def _named_site(reading: Reading, watch: Watch, frames: Sequence[Frame]) -> str | None:
    """The site that a report names first where it opens with "a base in the north of Syria"; one of that land."""
    if not any(f.target.kind == "base" for f in frames):
        return None
    regions = _regions(frames)
    last = max(f.sentence.index for f in frames) + NAMED_BELOW
    for sentence in reading.sentences:
        if sentence.index > last or sentence.classes & ELSEWHERE or any(m.old for m in sentence.times):
            continue
        sites = {t.site for t in sentence.targets if t.site and t.protected and not t.weak}
        found = watch.sites.get(next(iter(sites)) or "") if len(sites) == 1 else None
        if found is not None and _lies_in(found, regions):
            return found.id
    return None


def _regions(frames: Sequence[Frame]) -> list[str]:
    """The countries and towns that frames name, without those that something was fired from."""
    return [hit.entry.place or "" for f in frames for hit in f.sentence.places if not _launched_from(f.sentence, hit)]


def _lies_in(site: Site, regions: Sequence[str]) -> bool:
    """Whether a site lies in the regions that are named, as far as they tell: "IQ/erbil", "SY"."""
    towns = {place.partition("/")[2] for place in regions if "/" in place}
    lands = {place.partition("/")[0] for place in regions}
    admin = fold_name(site.admin1).replace(" ", "-")
    return (not lands or site.country in lands) and (not towns or any(town in admin for town in towns))


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
    """Whether a place stands right behind "from", or behind a village that nobody knows: "from Zummar in Iraq"."""
    before = [hit for hit in sentence.hits if hit.word_end <= place.start]
    if not before:
        return False
    last = max(before, key=lambda hit: hit.word_end)
    is_from = "from" in last.entry.classes and "to" not in last.entry.classes
    return is_from and place.start - last.word_end <= FROM_REACH
