"""One multi-pattern automaton a language: its lexicon plus every name of the watch, each with what it stands for.

A pattern is a run of plain spelling (see ``normalise``). In scripts whose words take glued clitics the match may start
inside a word if what precedes is a known clitic; elsewhere patterns carry the space before the word, so that the
automaton never stops inside one.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import ahocorasick

from alerts.classifier.normalise import plain_word
from config.lexicon import Lexicon
from config.watch import Watch
from core.calendar_names import GREGORIAN_MONTHS, JALALI_MONTHS, WEEKDAYS
from core.values import Kind

ARTICLE = "ال"
_MARKS = re.compile("[\x02-\x04]")  # what keys of one pattern with several entries differ by
GLUED_LENGTH = 8  #: names at least this long are found inside other words too ("onAin al-Asad")
SHORT_NAME = 2  #: names of days no longer than this are other words as well (Kurmanji "În")
SHORT_CAPS = 5  #: abbreviations up to this length must stand in capitals ("IS", "SDF" would match ordinary words)
SIDE_CLASSES = {"protected": ("state",), "command": ("command", "government"), "coalition": ("coalition",)}
ACTS = frozenset({"attack", "attack_verb", "passive", "intercept", "launch", "fall", "explosion"})
#: an entry of these classes alone tells how, when or who says so; the words inside it keep their own meaning
SOFT = frozenset(
    {
        "hit", "struck", "missed", "half", "all_down", "foiled", "host", "to", "near", "since_word", "claim", "cause",
        "blame", "say", "tally", "threat", "repeat", "earlier", "another", "condemn", "response", "question", "source",
        "official", "authority", "body", "media", "unnamed", "since", "analysis", "hypothetical", "toll", "role", "not",
        "not_behind", "plural", "debris", "times", "latest", "theirs",
    }
)  # fmt: skip
#: a word of these classes is never taken for a name, whatever the watch says ("تدمر" is Palmyra and "destroys")
NO_NAMES = frozenset({"other_target", "ship", "attack_verb", "attack", "fall", "threat", "drill"})
MAX_PHRASE_WORDS = 4  #: longer Arabic phrases get no variants with and without the article


@dataclass(slots=True)
class Entry:
    """What one pattern stands for."""

    length: int  #: characters of the pattern without a leading space
    word: str = ""  #: the pattern itself
    classes: frozenset[str] = frozenset()
    site: str | None = None
    weak_site: bool = False  #: the name also means something else: it counts only beside a military word
    city_site: bool = False  #: the name of a whole city: it counts only where weapons are shot down over it
    town_site: bool = False  #: the name of the town beside: it counts only beside a base or a protected force
    guest_site: bool = False  #: a place of others: it counts only beside the protected side, else it is theirs
    actor: str | None = None
    place: str | None = None
    number: int | None = None  #: a number word, or the number that a dual carries
    month: int | None = None
    jalali: int | None = None
    weekday: int | None = None
    star: bool = False  #: any ending may follow
    exact: bool = False  #: no ending and no clitic may be added
    capitals: bool = False  #: must stand in capitals in the input
    spaced: bool = False  #: the pattern begins with a space
    article: bool = False  #: must be preceded by the article
    glued: bool = False  #: a name that may stand inside another word
    soft: bool = False  #: says how an attack ended; the words inside it keep their own meaning
    bare: bool = False  #: takes no ending ("الأحد" is Sunday, "أحدهما" is one of the two)
    rest: tuple[tuple[str, bool], ...] = ()  #: words that must follow, and whether each takes any ending


@dataclass(slots=True)
class Patterns:
    """The compiled words of one language."""

    lang: str
    order: str
    owner: str
    join_zwnj: bool
    automaton: ahocorasick.Automaton
    prefixes: frozenset[str]
    suffixes: frozenset[str]
    from_suffixes: frozenset[str]
    to_suffixes: frozenset[str]
    glues: bool
    ordinal_dot: bool = False
    plural_endings: tuple[str, ...] = ()
    joiners: frozenset[str] = frozenset()  #: "and"


@dataclass(slots=True)
class _Builder:
    lexicon: Lexicon
    glues: bool
    entries: dict[str, Entry] = field(default_factory=dict)

    def word(self, raw: str) -> str:
        return plain_word(raw, join_zwnj=self.lexicon.join_zwnj)

    def add(self, raw: str, *, name: bool = False) -> list[Entry]:
        """Entries for one word or phrase of the lexicon or the watch, made on first use."""
        if "*" in raw[:-1]:
            return self._add_phrase(raw)
        star, exact, capitals = raw.endswith("*"), raw.startswith("="), raw.startswith("@")
        text = self.word(raw.strip("*=@!~ "))
        if not text:
            return []
        if name and len(text) <= SHORT_CAPS and raw.isupper() and raw.isascii():
            capitals = True
        found = []
        for variant, article in self._variants(text):
            key = variant if self.glues else f" {variant}"
            key += "\x02" if capitals else ""
            entry = self.entries.get(key)
            if entry is None:
                entry = self.entries[key] = Entry(len(variant), variant, spaced=not self.glues, capitals=capitals)
                entry.article = article
            entry.article = entry.article and article
            entry.star |= star
            entry.exact |= exact
            found.append(entry)
        if name and len(text) > SHORT_CAPS and text.endswith(self.lexicon.name_endings):
            found.extend(self.add(text[:-1]))
        if name and len(text) >= GLUED_LENGTH and not self.glues:
            entry = self.entries.setdefault(text + "\x03", Entry(len(text), text, glued=True))
            found.append(entry)
        return found

    def _add_phrase(self, raw: str) -> list[Entry]:
        """A phrase of stems ("ракетн* обстрел*"): the first stem is the pattern, the others are checked behind it."""
        parts = [(self.word(part.strip("*")), part.endswith("*")) for part in raw.split() if self.word(part)]
        first, star = parts[0]
        rest = tuple(parts[1:])
        key = (first if self.glues else f" {first}") + f"\x04{rest}"
        entry = self.entries.setdefault(key, Entry(len(first), first, spaced=not self.glues, star=star, rest=rest))
        return [entry]

    def _variants(self, text: str) -> Iterator[tuple[str, bool]]:
        """Spellings of an Arabic phrase with and without the article; (text, must have an article)."""
        words = text.split(" ")
        if not self.glues or (self.lexicon.lang != "ar" and not text.startswith(ARTICLE)):
            yield text, False
            return
        first, rest = words[0], words[1:]
        bare = first.removeprefix(ARTICLE) if len(first) > len(ARTICLE) + 2 else first
        article = bare != first
        if len(words) > MAX_PHRASE_WORDS or self.lexicon.lang != "ar":
            yield " ".join([bare, *rest]), article
            return
        options = [
            (word, ARTICLE + word) if not word.startswith(ARTICLE) else (word, word.removeprefix(ARTICLE))
            for word in rest
        ]
        for tail in itertools.product(*options):
            yield " ".join([bare, *tail]), article and not rest


def compile_patterns(lexicon: Lexicon, watch: Watch, scripts: Mapping[str, str]) -> Patterns:
    """The automaton of one language. ``scripts``: script of each language, to take the names written in it."""
    glues = bool(lexicon.prefixes)
    builder = _Builder(lexicon, glues)
    for name, words in lexicon.classes.items():
        if name != "and":
            _add_class(builder, name, words)
    for name, words in lexicon.time.items():
        _add_class(builder, f"t_{name}", words)
    _add_calendar(builder, lexicon)
    for word, value in lexicon.numbers.items():
        for entry in builder.add(word):
            entry.number, entry.bare = value, True
    for place, names in lexicon.places.items():
        for word in names:
            for entry in builder.add(word):
                entry.place = place
    script = scripts.get(lexicon.lang, "latin")
    for name, kinds in SIDE_CLASSES.items():
        _add_class(builder, name, _side_words(builder, watch, kinds))
    _add_sites(builder, watch, {lang for lang, its in scripts.items() if its == script})
    _add_actors(builder, watch, {lang for lang, its in scripts.items() if its == script})
    return _finish(builder)


def _side_words(builder: _Builder, watch: Watch, kinds: tuple[str, ...]) -> Iterator[str]:
    """Names of the protected side; short capitals keep them, since "US" is also a pronoun."""
    lang, classes = builder.lexicon.lang, builder.lexicon.classes
    raw = (word.strip("*=@!") for name in ("base", "diplomatic", "convoy", "force") for word in classes.get(name, ()))
    nouns = tuple(word for word in map(builder.word, raw) if len(word) > 2)
    for name in watch.sides.protected_names(*kinds).get(lang, ()):
        if (" " in name and builder.word(name).startswith(nouns)) or set(builder.word(name).split()) & set(nouns):
            continue  # "US embassy" is read as its two words
        yield f"@{name}" if name.isascii() and name.isupper() and len(name) <= SHORT_CAPS else name


def _add_calendar(builder: _Builder, lexicon: Lexicon) -> None:
    """Names of months and weekdays: those every part of the product shares, and inflections of the lexicon."""
    lang = lexicon.lang
    days = [(word, day) for day, names in enumerate(lexicon.weekdays) for word in names]
    for word, day in (*days, *WEEKDAYS.get(lang, {}).items()):
        if len(word) > SHORT_NAME and (lang != "ar" or word.startswith("ال")):
            for entry in builder.add(word):
                entry.weekday, entry.bare = day, True
    months = [(word, month) for month, names in enumerate(lexicon.months, start=1) for word in names]
    for word, month in (*months, *GREGORIAN_MONTHS.get(lang, {}).items()):
        for entry in builder.add(word):
            entry.month = month
    for word, month in JALALI_MONTHS.get(lang, {}).items():
        for entry in builder.add(word):
            entry.jalali = month


def _add_class(builder: _Builder, name: str, words: Iterable[str]) -> None:
    for raw in words:
        word, _, tail = raw.partition("#")
        for entry in builder.add(word):
            entry.classes |= {name}
            if tail.isdigit():
                entry.number = int(tail)


def _add_sites(builder: _Builder, watch: Watch, langs: set[str]) -> None:
    """Names of the sites. A ship is no site, and a name that the lexicon gives to others ("!name") is none either."""
    lexicon = builder.lexicon
    ships = {builder.word(word) for word in lexicon.classes.get("ship", ())}
    convoys = {builder.word(word.strip("*")) for word in lexicon.classes.get("convoy", ())}
    vetoed = {builder.word(word) for word in lexicon.classes.get("other_target", ()) if word.startswith("!")}
    not_sites = vetoed | convoys  # a convoy is a force on the move
    for site in watch.sites.values():
        weak: set[str] = set()
        city: set[str] = set()
        for case in site.ambiguous:
            target = city if "city" in case.also_means else weak
            target.update(builder.word(alias) for alias in case.aliases)
        names = [name for lang in site.aliases if lang in langs for name in site.aliases[lang]]
        for name in (*names, *lexicon.names.get(site.id, ())):
            word = builder.word(name.lstrip("~"))
            if len(word) < 2:
                continue
            padded = f" {word} "
            if any(f" {mark} " in padded for mark in not_sites):
                continue
            ship = any(f" {mark} " in padded for mark in ships)
            for entry in builder.add(name, name=True):
                if ship:
                    entry.classes |= {"ship"}
                elif not entry.classes & NO_NAMES:
                    entry.site = entry.site or site.id
                    if site.kind is Kind.DIPLOMATIC:
                        entry.classes |= {"mission"}
                    entry.guest_site |= site.guest and entry.site == site.id
                    entry.weak_site |= word in weak
                    entry.city_site |= word in city
                    entry.town_site |= name.startswith("~")


def _add_actors(builder: _Builder, watch: Watch, langs: set[str]) -> None:
    for actor in watch.actors.values():
        for lang, names in actor.aliases.items():
            if lang not in langs or actor.id == "other":
                continue
            for name in names:
                for entry in builder.add(name, name=True):
                    if entry.actor is None and not entry.classes & {"base", "force"}:  # "القاعدة" is also al-Qaeda
                        entry.actor = actor.id


def _inherit_weapons(builder: _Builder) -> None:
    """ "rocket fire" is an attack and names its weapon; "fired at" governs what follows as "at" does."""
    lead = "" if builder.glues else " "
    missions = {word for word in map(builder.word, builder.lexicon.classes.get("diplomatic", ())) if word}
    for key, entry in list(builder.entries.items()):
        if "other_target" in entry.classes and missions & set(_MARKS.split(key)[0].split()):
            entry.classes |= {"mission"}  # another nation's
        if entry.classes & ACTS and (" " in key.strip() or entry.rest):
            words = _MARKS.split(key)[0].split() + [stem for stem, _ in entry.rest]
            behind = builder.entries.get(lead + words[-1])
            if behind is not None and "to" in behind.classes:
                entry.classes |= {"to"}
            runs = (words[i : i + n] for n in (1, 2) for i in range(len(words) - n + 1))
            inner = [other for run in runs if (other := builder.entries.get(lead + " ".join(run))) is not None]
            entry.classes |= {name for other in inner for name in other.classes if name.startswith("w_")}
            armed = (other.number for other in inner if other.number and any(n.startswith("w_") for n in other.classes))
            entry.number = entry.number or next(armed, None)


def _finish(builder: _Builder) -> Patterns:
    _inherit_weapons(builder)
    automaton = ahocorasick.Automaton()
    by_key: dict[str, list[Entry]] = {}
    for key, entry in builder.entries.items():
        entry.soft = bool(entry.classes) and entry.classes <= SOFT and entry.site is None
        by_key.setdefault(_MARKS.split(key)[0], []).append(entry)
    for key, entries in by_key.items():
        automaton.add_word(key, tuple(entries))
    automaton.make_automaton()
    lexicon = builder.lexicon
    return Patterns(
        lang=lexicon.lang,
        order=lexicon.order,
        owner=lexicon.owner,
        join_zwnj=lexicon.join_zwnj,
        automaton=automaton,
        prefixes=frozenset(map(builder.word, lexicon.prefixes)),
        suffixes=frozenset(map(builder.word, lexicon.suffixes)) | {""},
        from_suffixes=frozenset(map(builder.word, lexicon.from_suffixes)),
        to_suffixes=frozenset(map(builder.word, lexicon.to_suffixes)),
        glues=builder.glues,
        ordinal_dot=lexicon.ordinal_dot,
        plural_endings=tuple(filter(None, map(builder.word, lexicon.plural_endings))),
        joiners=frozenset(map(builder.word, lexicon.classes.get("and", ()))),
    )
