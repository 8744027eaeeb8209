"""``basewatch bench NAME``: run one benchmark and print its figures."""

from __future__ import annotations

import importlib
import inspect
import json
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from core.errors import InputError

#: name -> module of ``bench`` and what it measures; each module has ``run() -> flat dict of figures``
BENCHES = {
    "latency": ("bench.latency", "seconds from the feed's answer to the accepted webhook"),
    "classify": ("bench.classify", "articles classified on one core"),
    "compare": ("bench.compare", "ours beside a keyword filter and TF-IDF, cross-validated on the same folds"),
    "crawl": ("bench.crawl", "polls and pages of a loopback server, beside bare Scrapy and bare trafilatura"),
    "incidents": ("bench.incidents", "matching one article among 100,000 incidents, and the speed of a replay"),
    "ordinary": ("bench.ordinary", "false rings on a stream of ordinary news"),
    "fuzz": ("bench.fuzz", "random and hostile strings through the classifier"),
    "delivery": ("bench.delivery", "notices through the outbox to a loopback webhook"),
    "delivery-faults": ("bench.delivery_faults", "10,000 notices to faulty receivers, and beside a silent one"),
    "delivery-kills": ("bench.delivery_kills", "a daemon killed at random for ten minutes while it delivers"),
    "storage": ("bench.storage", "polls and articles through the one writer thread"),
    "politeness": ("bench.politeness", "what outlets see of us in a simulated day"),
    "outlets": ("bench.outlets", "twenty outlets, a tenth of them failing: what is lost, doubled or not told"),
    "soak": ("bench.soak", "thirty simulated days of the daemon with faults on"),
    "kills": ("bench.kills", "kill -9 at random while it crawls, classifies and sends"),
    "daemon": ("bench.daemon", "start, stop, memory and idle processor time of the daemon"),
}


def bench(name: str, *, as_json: bool, size: int | None = None) -> None:
    """Print the figures of one benchmark; ``size`` is the first parameter of its ``run``, None its default.

    Raises InputError for an unknown name, or a size where the bench has but one.
    """
    if name not in BENCHES:
        raise InputError(f"there is no bench {name!r}: choose one of {', '.join(BENCHES)}")
    module, what = BENCHES[name]
    run: Callable[..., dict[str, str | int | float]] = importlib.import_module(module).run
    if size is not None and not inspect.signature(run).parameters:
        raise InputError(f"the bench {name} has one size only: leave --size out")
    figures = run() if size is None else run(size)
    if as_json:
        print(json.dumps(figures))  # noqa: T201
        return
    table = Table("figure", "value", title=what)
    for key, value in figures.items():
        table.add_row(key, str(value))
    Console().print(table)
