"""The language of one channel: phrases from data, filled in; numbers with their plurals; text of the other direction
set apart.

Values that come from outside are put into a phrase in one pass and never read as one: a headline that says ``{n}``
arrives as ``{n}``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from config.phrases import Phrases
from config.phrases import english as english_phrases
from config.watch import Watch

FSI, PDI = "\u2068", "\u2069"  #: first strong isolate and its end, Unicode UAX 9

_HOLE = re.compile(r"\{(\w+)\}")
_SPACES = re.compile(r" {2,}")
_BEFORE_NUMBER = re.compile(r"(?<!\w)([بل])(?=[\d\u2068])")  # "ب3" is written "بـ3"

#: Arabic names of bases begin so; an alias that does reads better than one that is a bare name
_ARABIC_SITES = ("قاعدة", "مطار", "معسكر", "سفارة", "السفارة", "قنصلية", "القنصلية", "حقل", "ميناء", "برج")


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a message is worded."""

    phrases: Phrases
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)  #: of ("site" or "actor", id), where it has one

    def __hash__(self) -> int:
        return id(self)

    @property
    def code(self) -> str:
        return self.phrases.code

    @property
    def rtl(self) -> bool:
        return self.phrases.rtl

    def word(self, table: str, key: str, default: str = "") -> str:
        """A phrase without holes; ``default`` where there is none."""
        return self.phrases.get(table, key, default)

    def say(self, key: str, **values: Any) -> str:
        """A phrase of the table ``text``, filled in."""
        return self.fill(self.phrases.get("text", key), **values)

    def fill(self, phrase: str, **values: Any) -> str:
        filled = _HOLE.sub(lambda hole: str(values.get(hole[1], "")), phrase)
        return _SPACES.sub(" ", _BEFORE_NUMBER.sub(r"\1ـ", filled)).strip()

    def join(self, parts: list[str] | tuple[str, ...]) -> str:
        return self.phrases.get("text", "comma").join(parts)

    def name(self, kind: str, key: str | None, default: str) -> str:
        """What this language calls a site or actor; ``default``, set apart where it runs the other way."""
        return self.names.get((kind, key or "")) or self.apart(default)

    def apart(self, text: str) -> str:
        """The text, between isolates where letters of the other direction would tear the line around it."""
        return f"{FSI}{text}{PDI}" if runs_against(text, rtl=self.rtl) else text

    # -- numbers

    def form(self, forms: str, number: int, shown: str | None = None, **values: Any) -> str:
        """ "3 drones" and "مسيّرتين": the plural for ``number``; ``shown`` stands where the number would."""
        table = self.phrases.tables[f"forms.{forms}"]
        phrase = table.get(self._plural(number)) or table["other"]
        if shown is not None and "{n}" not in phrase:  # a range needs a form that says its number
            phrase = table.get("few") or table["other"]
        return self.fill(phrase, n=number if shown is None else shown, **values)

    def amount(self, forms: str | None, low: int | None, high: int | None, **values: Any) -> str | None:
        """ "5 drones", "2-5 drones", "2+ drones" (at least), "up to 5 drones"; None where nothing is stated.

        Without ``forms``: the number alone. "At least 0" states nothing; "up to 0" states 0.
        """
        if low is None and high is None:
            return None
        if high is None:
            assert low is not None
            return self._bounded("at_least", low, forms, **values) if low > 0 else None
        if low is None and high > 0:
            return self._bounded("up_to", high, forms, **values)
        if low is not None and low < high:
            shown = self.fill(self.phrases.get("amount", "range"), low=low, high=high)
            return shown if forms is None else self.form(forms, high, shown, **values)
        number = high if low is None else low
        return str(number) if forms is None else self.form(forms, number, **values)

    def _bounded(self, bound: str, number: int, forms: str | None, **values: Any) -> str:
        """Some languages put the bound beside the number ("2+ drones"), others around the whole."""
        phrase = self.phrases.get("amount", bound)
        if "{w}" in phrase:
            return self.fill(phrase, w=number if forms is None else self.form(forms, number, **values))
        shown = self.fill(phrase, n=number)
        # "1+ drones": at least one reads as more than one
        return shown if forms is None else self.form(forms, max(number, 2), shown, **values)

    def _plural(self, number: int) -> str:
        """The plural class of Unicode CLDR (https://cldr.unicode.org/index/cldr-spec/plural-rules)."""
        if self.phrases.get("language", "plural") != "arabic":
            return "one" if number == 1 else "other"
        if number in (0, 1, 2):
            return ("zero", "one", "two")[number]
        rest = number % 100
        return "few" if 3 <= rest <= 10 else "many" if rest >= 11 else "other"


def runs_against(text: str, *, rtl: bool) -> bool:
    """Whether the text has a strong letter of the direction that is not the line's; in a line from right to left also
    digits or Latin letters that begin it, which would join a number beside them."""
    against = ("L",) if rtl else ("R", "AL")
    return any(unicodedata.bidirectional(char) in against for char in text)


def is_rtl(text: str) -> bool:
    """Whether the first strong letter is written from right to left (as Unicode's bidi algorithm decides, rule P2)."""
    for char in text:
        direction = unicodedata.bidirectional(char)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def closed(text: str) -> str:
    """The text with every isolate that a cut left open closed; not longer than it came."""
    if text.count(FSI) <= text.count(PDI):
        return text
    kept = text.removesuffix("…")
    while True:
        kept = kept[:-1]
        ends = PDI * (kept.count(FSI) - kept.count(PDI))
        if len(kept) + len(ends) < len(text):
            return kept.rstrip() + "…" + ends


def names_of(watch: Watch, code: str) -> dict[tuple[str, str], str]:
    """What the watch calls its sites and actors in a language, where it is not English and a name is known."""
    found: dict[tuple[str, str], str] = {}
    if code == "en":
        return found
    for site in watch.sites.values():
        if aliases := site.aliases.get(code):
            found["site", site.id] = next((name for name in aliases if name.startswith(_ARABIC_SITES)), aliases[0])
    for actor in watch.actors.values():
        if aliases := actor.aliases.get(code):
            found["actor", actor.id] = aliases[0]
    return found


@cache
def english() -> Language:
    """English with the shipped phrases: what commands print, and channels where nothing else is set."""
    return Language(phrases=english_phrases())
