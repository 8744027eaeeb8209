"""Which language a text is in: by script, then by the letters and frequent words of each lexicon."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from alerts.classifier.normalise import plain_word
from config.lexicon import Lexicon

SAMPLE = 1_500  #: characters looked at; the first paragraphs tell the language
SCRIPTS = {
    "arabic": re.compile("[\u0621-\u06ff\ufb50-\ufdff\ufe70-\ufeff]"),
    "hebrew": re.compile("[\u05d0-\u05ea]"),
    "cyrillic": re.compile("[\u0400-\u04ff]"),
    "latin": re.compile("[A-Za-z\u00c0-\u024f]"),
}
LETTER_WEIGHT = 1.5  #: a letter that no sister language uses tells more than one frequent word
HINT_WEIGHT = 0.75  #: what the outlet says of its language breaks ties only: feeds carry wrong tags


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells one language from the others of its script."""

    script: str
    stop: frozenset[str]
    letters: frozenset[str]


def script_of(text: str) -> str | None:
    """The script most letters of the sample belong to; None where there are no letters."""
    counts = {script: len(pattern.findall(text)) for script, pattern in SCRIPTS.items()}
    best = max(counts, key=lambda script: counts[script])
    return best if counts[best] else None


def marks_of(lexicon: Lexicon) -> Marks:
    """The telling words and letters of one lexicon."""
    sample = " ".join(lexicon.stop)
    return Marks(
        script=script_of(sample) or "latin",
        stop=frozenset(plain_word(word, join_zwnj=lexicon.join_zwnj) for word in lexicon.stop),
        letters=frozenset(lexicon.letters),
    )


def detect(title: str, text: str, marks: Mapping[str, Marks], hint: str | None = None) -> str | None:
    """The language with a lexicon that the text most resembles; None where no lexicon has its script."""
    sample = f"{title}\n{text[:SAMPLE]}"[: SAMPLE * 2]
    script = script_of(sample)
    candidates = [lang for lang, mark in marks.items() if mark.script == script]
    if len(candidates) < 2:
        return candidates[0] if candidates else None
    words = plain_word(sample).split()
    scores: dict[str, float] = {}
    for lang in candidates:
        mark = marks[lang]
        score = float(sum(word in mark.stop for word in words))
        score += LETTER_WEIGHT * sum(char in mark.letters for char in sample)
        scores[lang] = score + (HINT_WEIGHT if hint and hint.lower().split("-")[0] == lang else 0.0)
    return max(candidates, key=lambda lang: (scores[lang], lang == "en", lang == "ar"))
