"""Where an attack happened, as far as two reports can be compared: sites of the watch, place names, local time.

Built once from the watch. Nothing here knows a country or a town by itself: all names come from the watch's data.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from datetime import date as Date
from difflib import SequenceMatcher
from enum import Enum
from functools import cached_property, lru_cache
from zoneinfo import ZoneInfo

from config.watch import Site, Watch
from core.values import OTHER_NAMED, UNNAMED, Attack

#: letters that outlets write in several ways (Arabic, Persian and Kurdish yeh, kaf and heh; Turkish dotless i)
_FOLD = {ord(char): to for to, chars in {"ي": "ىیې", "ك": "ک", "ه": "ةۀھە", "i": "ı"}.items() for char in chars}
_WORDS = re.compile(r"\w+")
#: words that name no place, folded: two bases that share only these are not one
_GENERIC = frozenset(
    _WORDS.findall(
        "air airbase airport base camp military field oil gas the al el in near of at and "
        "قاعده مطار معسكر حقل في قرب پايگاه بنكه فرودگاه baregeha baregeh ussu hava baza"
    )
)
REMEMBERED = 50_000  #: answers about pairs of places that are kept: one article asks for the same few again and again
_SIMILAR = 0.75  #: ratio from which two spellings in one script are one name ("Rubarya", "Rubariya": 0.93)


class Relation(Enum):
    """How two places compare."""

    SAME = "same"
    DIFFERENT = "different"
    UNKNOWN = "unknown"


@lru_cache(maxsize=20_000)
def place_words(name: str) -> tuple[str, ...]:
    """The words of a place's name that tell it from others, folded so that spellings agree."""
    plain = unicodedata.normalize("NFKD", name).translate(_FOLD).casefold()
    plain = "".join(char for char in plain if not unicodedata.combining(char) and char not in "\u0640\u200c")
    words = (_without_article(word) for word in _WORDS.findall(plain))
    return tuple(word for word in words if word and word not in _GENERIC)


def _without_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


def _script(word: str) -> str:
    return unicodedata.name(word[0], "?").split(" ", 1)[0] if word else "?"


class Places:
    """Answers about places, from one watch."""

    def __init__(self, watch: Watch) -> None:
        self._sites = watch.sites
        self._relations: dict[tuple[str, str | None, str, str | None], Relation] = {}

    def site(self, base: str) -> Site | None:
        """The site with this id, or None for an unnamed or unlisted base."""
        return self._sites.get(base)

    def is_site(self, base: str) -> bool:
        return base not in (UNNAMED, OTHER_NAMED)

    def country(self, attack: Attack) -> str | None:
        """The country the report states, else the site's own."""
        site = self.site(attack.base)
        return site.country if site is not None else attack.country

    def zone(self, attack: Attack) -> ZoneInfo:
        """The site's time zone, else that of most sites of the country, else UTC."""
        site = self.site(attack.base)
        if site is not None:
            return ZoneInfo(site.time_zone)
        return ZoneInfo(self._zone_of_country.get(attack.country or "", "UTC"))

    def local_day(self, attack: Attack, instant: datetime) -> Date:
        """The calendar day at the place of the attack."""
        return instant.astimezone(self.zone(attack)).date()

    def day_bounds(self, attack: Attack, day: Date) -> tuple[datetime, datetime]:
        """First instant of that local day and of the next one, UTC."""
        zone = self.zone(attack)
        start = datetime.combine(day, time(), tzinfo=zone)
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=zone)
        return start.astimezone(UTC), end.astimezone(UTC)

    def relation(self, left: Attack, right: Attack) -> Relation:
        """Whether two attacks were at one place, going by site ids and place names alone."""
        key = (left.base, left.place, right.base, right.place)
        known = self._relations.get(key)
        if known is None:
            if len(self._relations) >= REMEMBERED:
                self._relations.clear()
            known = self._relations[key] = self._relation(left, right)
        return known

    def _relation(self, left: Attack, right: Attack) -> Relation:
        left_site, right_site = self.is_site(left.base), self.is_site(right.base)
        if left_site and right_site:
            return Relation.SAME if left.base == right.base else Relation.DIFFERENT
        if left_site or right_site:
            site, other = (left, right) if left_site else (right, left)
            return self._site_and_place(site.base, other)
        return self._two_places(left.place, right.place, named=left.base == right.base == OTHER_NAMED)

    def _site_and_place(self, site_id: str, other: Attack) -> Relation:
        """A listed site beside a report that names none, or one that the list does not hold."""
        near = self.sites_near(other.place)
        if site_id in near:
            return Relation.SAME
        if near and not self._in_one_province(near | {site_id}):
            return Relation.DIFFERENT
        return Relation.DIFFERENT if other.base == OTHER_NAMED else Relation.UNKNOWN

    def _in_one_province(self, site_ids: Iterable[str]) -> bool:
        """Whether these sites share one governorate: a town's name in one language is near some of them only."""
        provinces = {(site.country, site.admin1) for site in map(self._sites.get, site_ids) if site is not None}
        return len(provinces) == 1

    def _two_places(self, left: str | None, right: str | None, *, named: bool) -> Relation:
        """Two names outside the list; ``named``: both are names of bases, not of the towns around one."""
        if not left or not right:
            return Relation.UNKNOWN
        left_words, right_words = place_words(left), place_words(right)
        if not left_words or not right_words:
            return Relation.UNKNOWN
        if set(left_words) <= set(right_words) or set(right_words) <= set(left_words):
            return Relation.SAME
        left_sites, right_sites = self.sites_near(left), self.sites_near(right)
        if left_sites & right_sites:
            return Relation.SAME
        if left_sites and right_sites and not self._in_one_province(left_sites | right_sites):
            return Relation.DIFFERENT
        if _script(left_words[0]) != _script(right_words[0]) or (left_sites and right_sites):
            return Relation.UNKNOWN
        ratio = SequenceMatcher(None, " ".join(left_words), " ".join(right_words)).ratio()
        if ratio >= _SIMILAR:
            return Relation.SAME
        return Relation.DIFFERENT if named else Relation.UNKNOWN  # one town has many names, in one script too

    def sites_near(self, place: str | None) -> frozenset[str]:
        """Ids of the sites that the watch knows by this place name, or whose surroundings it names."""
        if not place:
            return frozenset()
        return self._by_name.get(place_words(place), frozenset())

    @cached_property
    def _by_name(self) -> dict[tuple[str, ...], frozenset[str]]:
        found: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for site in self._sites.values():
            for name in _names(site):
                words = place_words(name)
                if words:
                    found[words].add(site.id)
        return {words: frozenset(ids) for words, ids in found.items()}

    @cached_property
    def _zone_of_country(self) -> dict[str, str]:
        zones: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for site in self._sites.values():
            zones[site.country][site.time_zone] += 1
        return {country: count.most_common(1)[0][0] for country, count in zones.items()}


def _names(site: Site) -> Iterable[str]:
    yield site.name
    yield from site.same_as
    if site.admin1:
        yield site.admin1
    for names in site.aliases.values():
        yield from names
    for names in site.near.values():
        yield from names
