"""False rings on an ordinary stream: 20,000 items of a day without attacks, through classifier, incidents and ringing.

The items are made from ``bench/ordinary_news/<lang>.toml``: topics with titles, sentences and the names that fill them,
many of them near misses (a Turkish base, a drone race, a strike of teachers, a tally). Nothing in them is a new attack
on the watch, so every notice is false. The same number makes the same items.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import exp, lgamma, log
from pathlib import Path

from alerts.classifier import Classifier
from basewatch.corpus import CorpusArticle
from basewatch.replay import replay
from bench.machine import machine
from config.settings import Settings
from config.watch import load_watch
from core.errors import InputError

NEWS = Path(__file__).with_name("ordinary_news")
N_ITEMS = 20_000
SEED = 20_261_123
START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 28  #: the items are spread over so many days
FLASHES = 0.4  #: share of items that are a title alone
SENTENCES = 6  #: most sentences of a body
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Topic:
    """What news of one kind sound like in one language."""

    lang: str
    name: str
    is_near_miss: bool
    titles: tuple[str, ...]
    sentences: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]


def run(n_items: int = N_ITEMS, folder: Path = NEWS) -> dict[str, str | int | float]:
    """The figures of ``basewatch bench ordinary``."""
    news = list(items(n_items, folder))
    classifier = Classifier.load(load_watch())
    told = [item for item in news if classifier.classify(item.article).positive]
    rings = notices = 0
    if told:
        result = replay(told, classifier, watch=load_watch(), outlets={}, settings=Settings())
        rings, notices = sum(notice.ring for notice in result.notices), len(result.notices)
    traps = Counter(item.trap for item in news)
    figures: dict[str, str | int | float] = {
        "n_items": len(news),
        "n_near_misses": traps["near-miss"],
        "n_languages": len({item.lang for item in news}),
        "n_different": len({(item.title, item.text) for item in news}),
        "n_positive": len(told),
        "n_notices": notices,
        "n_rings": rings,
        "rings_per_10k": round(10_000 * rings / len(news), 2),
        "rings_per_10k_upper_95": round(10_000 * upper_bound(rings, len(news)), 2),
        "positives_per_10k_upper_95": round(10_000 * upper_bound(len(told), len(news)), 2),
    }
    figures |= {f"positive_{n}": f"{item.lang}: {item.title}" for n, item in enumerate(told[:20], 1)}
    return figures | machine()


def items(n_items: int, folder: Path = NEWS) -> Iterator[CorpusArticle]:
    """Ordinary items in order of publication, each language by its share."""
    source = random.Random(SEED)
    topics, shares = read_topics(folder)
    langs = list(topics)
    step = timedelta(days=DAYS) / max(n_items, 1)
    for number in range(n_items):
        lang = source.choices(langs, weights=[shares[lang] for lang in langs])[0]
        topic = source.choice(topics[lang])
        yield _item(source, topic, number, START + step * number)


def read_topics(folder: Path) -> tuple[dict[str, list[Topic]], dict[str, float]]:
    """Topics by language, and each language's share. Raises InputError for a slot that nothing fills."""
    topics: dict[str, list[Topic]] = {}
    shares: dict[str, float] = {}
    for path in sorted(folder.glob("*.toml")):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        slots = {name: tuple(words) for name, words in data["slots"].items()}
        shares[path.stem] = float(data["share"])
        topics[path.stem] = [
            Topic(path.stem, one["name"], bool(one["near_miss"]), tuple(one["titles"]), tuple(one["sentences"]), slots)
            for one in data["topic"]
        ]
        for topic in topics[path.stem]:
            unknown = {slot for line in (*topic.titles, *topic.sentences) for slot in _SLOT.findall(line)} - set(slots)
            if unknown:
                raise InputError(f"{path.name}, topic {topic.name}: there is no slot {', '.join(sorted(unknown))}")
    return topics, shares


def upper_bound(found: int, of: int, confidence: float = 0.95) -> float:
    """The one-sided upper bound of a share of which ``found`` of ``of`` were seen (Clopper and Pearson 1934)."""
    low, high = found / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(found, of, middle) > 1 - confidence else (low, middle)
    return high


def _at_most(found: int, of: int, share: float) -> float:
    """The probability of at most ``found`` hits in ``of`` draws of this share."""
    if share >= 1:
        return float(found >= of)
    if share <= 0:
        return 1.0
    return sum(
        exp(lgamma(of + 1) - lgamma(k + 1) - lgamma(of - k + 1) + k * log(share) + (of - k) * log(1 - share))
        for k in range(found + 1)
    )


def _item(source: random.Random, topic: Topic, number: int, at: datetime) -> CorpusArticle:
    def fill(line: str) -> str:
        return _SLOT.sub(lambda slot: source.choice(topic.slots[slot[1]]), line)

    title = fill(source.choice(topic.titles))
    body = ""
    if source.random() >= FLASHES:
        chosen = source.sample(topic.sentences, k=min(len(topic.sentences), source.randint(1, SENTENCES)))
        body = "\n\n".join(fill(line) for line in chosen)
    return CorpusArticle(
        id=f"ordinary-{number}", url=f"ordinary-{number}", outlet="newsroom", lang=topic.lang, published_at=at,
        date_only=False, title=title, text=body, label=None, trap="near-miss" if topic.is_near_miss else "ordinary",
        attacks=(), incident_ids=(),
    )  # fmt: skip
