"""Random and hostile strings through the classifier: none may raise, none may hold it up. Seeded: it can be redone."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

from alerts.classifier import Classifier
from basewatch.corpus import read_corpus
from bench.classify import corpus_folder
from bench.machine import machine
from config.lexicon import load_lexicons
from config.watch import load_watch
from core.values import Article

N_STRINGS = 1_000_000
SLOW_MS = 50.0  #: a string that takes longer, three times in a row, is a fault
LONGEST_WORDS = 400
WARM_UP = 300
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
#: what breaks parsers: line and direction marks, zero width, joiners, a lone surrogate, the last code point, NUL
NASTY = (
    "\u0000\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2066\u2069\u2028\u2029\ufeff\ufffd\ud800"
    "\U0010ffff\u0640\u0651\u0301"
)
OPENERS = [
    "(",
    "[",
    "<",
    "{{",
    "«",
    "&amp;",
    "-",
    "–",
    "1,",
    "a",
    "",
    "ا",
    "و",
    "\u200c",
    "ال",
    "@US",
    "2023-",
    "10:",
    "#",
]
ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyz ",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي ",
    "ەڕێۆڤپچگ ",
    "абвгдежзийклмноп ",
    "אבגדהוזחטי ",
    "0123456789:/-., ",
    "🚨🔴⚡️✈️ ",
    "êîûşç ığöü ",
)
Source = Callable[[random.Random], str]


def run(n_strings: int = N_STRINGS) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench fuzz``: exceptions and slow strings, of how many, and the slowest."""
    shares = os.cpu_count() or 1
    started = time.perf_counter()
    with ProcessPoolExecutor(shares, mp_context=get_context("spawn")) as pool:
        parts = list(pool.map(fuzz, range(shares), [n_strings // shares] * shares))
    raised = [line for part in parts for line in part[0]]
    slow = [line for part in parts for line in part[1]]
    figures: dict[str, str | int | float] = {
        "n_strings": n_strings // shares * shares,
        "n_exceptions": len(raised),
        "n_over_50_ms": len(slow),
        "slowest_ms": max(part[2] for part in parts),
        "seconds": round(time.perf_counter() - started, 1),
    }
    figures |= {f"finding_{n}": line for n, line in enumerate((raised + slow)[:10], 1)}
    return figures | machine()


def fuzz(seed: int, n_strings: int) -> tuple[list[str], list[str], float]:
    """Exceptions and slow strings, told as kind and number under this seed, and the slowest string's milliseconds."""
    classifier = Classifier.load(load_watch())
    for _, article in strings(-1, WARM_UP):
        classifier.classify(article)  # each language is built at its first article
    raised, slow, slowest = [], [], 0.0
    for number, (kind, article) in enumerate(strings(seed, n_strings)):
        try:
            ms = _milliseconds(classifier, article)
        except Exception as error:  # noqa: BLE001 - any exception is the finding
            raised.append(f"{kind} {seed}:{number} {type(error).__name__}")
            continue
        if ms > SLOW_MS:  # a busy machine is slow by chance, a bad pattern is slow each time
            ms = min(ms, *(_milliseconds(classifier, article) for _ in range(3)))
        if ms > SLOW_MS:
            slow.append(f"{kind} {seed}:{number} {ms:.0f} ms for {len(article.title) + len(article.text)} characters")
        slowest = max(slowest, ms)
    return raised, slow, round(slowest, 1)


def strings(seed: int, n_strings: int) -> Iterator[tuple[str, Article]]:
    """The kind and the article of each string, the same for a seed."""
    source = random.Random(seed)
    kinds = _kinds()
    names = list(kinds)
    for _ in range(n_strings):
        kind = source.choice(names)
        text = kinds[kind](source)
        title, body = (text[: len(text) // 3], text[len(text) // 3 :]) if source.random() < 0.5 else (text, "")
        lang = source.choice((None, "en", "ar", "fa", "ckb", "ku", "tr", "fr", "ru", "he", "zz"))
        published = source.choice((None, AT))
        yield kind, Article(title=title, text=body, published_at=published, lang=lang, outlet="fuzz")


def _kinds() -> dict[str, Source]:
    words = sorted(
        {word for lexicon in load_lexicons().values() for entries in lexicon.classes.values() for word in entries}
    )
    watch = load_watch()
    words += sorted({name for site in watch.sites.values() for names in site.aliases.values() for name in names})
    texts = [f"{row.title}\n{row.text}" for row in read_corpus([corpus_folder()])]

    def letters(source: random.Random) -> str:
        return "".join(source.choices(source.choice(ALPHABETS), k=source.randint(0, 300)))

    def any_unicode(source: random.Random) -> str:
        return "".join(chr(source.randrange(0x110000)) for _ in range(source.randint(0, 200)))

    def salad(source: random.Random) -> str:
        glue = source.choice((" ", "", "\n", ". ", "\u200c"))
        return glue.join(source.choices(words, k=source.randint(1, LONGEST_WORDS // 4)))

    def mutated(source: random.Random) -> str:
        chars = list(source.choice(texts)[: source.randint(10, 2_000)])
        for _ in range(source.randint(1, 20)):
            at = source.randrange(len(chars))
            instead = source.choice((source.choice(NASTY), "", chars[at] * 9, source.choice(words)))
            chars[at : at + source.randint(0, 3)] = instead
            chars = chars or ["x"]
        return "".join(chars)

    def repeated(source: random.Random) -> str:
        unit = source.choice(OPENERS) + source.choice((source.choice(words), source.choice(NASTY), ""))
        return unit * source.randint(1, LONGEST_WORDS)

    return {"letters": letters, "unicode": any_unicode, "salad": salad, "mutated": mutated, "repeated": repeated}


def _milliseconds(classifier: Classifier, article: Article) -> float:
    started = time.perf_counter()
    classifier.classify(article)
    return 1000 * (time.perf_counter() - started)
