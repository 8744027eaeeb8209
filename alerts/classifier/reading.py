"""An article read: its language, sentences, frames and features. Everything the verdict and its explanation rest on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

from alerts.classifier.features import features
from alerts.classifier.frames import Frame, build_frames
from alerts.classifier.languages import Marks, detect, marks_of
from alerts.classifier.patterns import Entry, Patterns, compile_patterns
from alerts.classifier.scan import Scan
from alerts.classifier.sentences import FLASH_WORDS, Sentence, read_sentences
from alerts.classifier.targets import EVENT, NOUN
from alerts.classifier.times import writing_day
from config.lexicon import Lexicon, load_lexicons
from config.watch import Watch
from core.values import Article

#: Local days are counted in this zone until a site gives its own: most sites of the region keep it.
REGION = timezone(timedelta(hours=3))
SMALL_HOURS = 8  #: until then of the region's clock the day before has not ended in America
FALLBACK_LANG = "en"
SCRIPTS_WITHOUT_LEXICON = {"de": "latin", "es": "latin", "it": "latin"}


@dataclass(slots=True)
class Reading:
    """One article as the model sees it."""

    article: Article
    raw: str  #: title + blank line + text: evidence counts code points of this
    lang: str
    published: date  #: local day of publication (or of first sight)
    words: int
    scan: Scan | None = None
    sentences: list[Sentence] = field(default_factory=list)
    frames: list[Frame] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)


class Reader:
    """Turns articles into readings; compiles a language when its first article comes."""

    def __init__(self, watch: Watch, config_dir: Path | None = None) -> None:
        self.watch = watch
        self.lexicons: Mapping[str, Lexicon] = load_lexicons(config_dir, watch=watch.name)
        self.marks: dict[str, Marks] = {lang: marks_of(lexicon) for lang, lexicon in self.lexicons.items()}
        self.default_sites = {
            place: site for lex in self.lexicons.values() for place, site in lex.default_sites.items()
        }
        self._patterns: dict[str, Patterns] = {}

    def patterns(self, lang: str) -> Patterns:
        found = self._patterns.get(lang)
        if found is None:
            scripts = {lang: mark.script for lang, mark in self.marks.items()} | SCRIPTS_WITHOUT_LEXICON
            found = self._patterns[lang] = compile_patterns(self.lexicons[lang], self.watch, scripts)
        return found

    def read(self, article: Article, known: Callable[[Entry], bool] | None = None) -> Reading:
        """The reading of one article; never raises on any text.

        ``known``: which words to understand, all by default. Training reads with a part of the lexicon missing.
        """
        raw = f"{article.title}\n\n{article.text}"
        lang = detect(article.title, article.text, self.marks, article.lang)
        reading = Reading(article, raw, lang or "und", published_day(article), _words(raw))
        if lang is None:
            return reading
        patterns = self.patterns(lang)
        scan = Scan(raw, len(article.title) + 2, patterns, known)
        if not _worth_reading(scan):
            return reading
        reading.scan = scan
        if _in_small_hours(article):
            reading.published = writing_day(scan.hits, reading.published)
        reading.sentences = read_sentences(scan, patterns, reading.published)
        reading.frames = build_frames(reading.sentences, flash=reading.words <= FLASH_WORDS)
        reading.values = features(reading.sentences, reading.frames, reading.published, reading.words)
        return reading


def _words(raw: str) -> int:
    return len(raw.split())


def _worth_reading(scan: Scan) -> bool:
    """Whether the text holds both something that is attacked and something that attacks; most news holds neither."""
    place = event = False
    for hit in scan.hits:
        entry = hit.entry
        if not place and (entry.site is not None or entry.classes & NOUN):
            place = True
        if not event and entry.classes & EVENT:
            event = True
        if place and event:
            return True
    return False


def _in_small_hours(article: Article) -> bool:
    """Whether it came before the morning of the region, when elsewhere, and for its author, it is still yesterday."""
    known = article.published_at if not article.date_only else None
    return known is not None and known.astimezone(REGION).hour < SMALL_HOURS


def published_day(article: Article) -> date:
    """Local day from which relative dates count: publication, else first sight, else today in UTC."""
    moment = article.published_at or article.first_seen_at or datetime.now(UTC)
    if article.date_only and article.published_at is not None:
        return moment.date()
    return moment.astimezone(REGION).date()
