"""``basewatch bench NAME``: run one benchmark and print its figures."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from core.errors import InputError

#: name -> module of ``bench`` and what it measures; each module has ``run() -> flat dict of figures``
BENCHES = {
    "latency": ("bench.latency", "seconds from the feed's answer to the accepted webhook"),
    "classify": ("bench.classify", "articles classified on one core"),
    "delivery": ("bench.delivery", "notices through the outbox to a loopback webhook"),
    "storage": ("bench.storage", "polls and articles through the one writer thread"),
    "daemon": ("bench.daemon", "start, stop, memory and idle processor time of the daemon"),
}


def bench(name: str, *, as_json: bool) -> None:
    """Print the figures of one benchmark. Raises InputError for an unknown name."""
    if name not in BENCHES:
        raise InputError(f"there is no bench {name!r}: choose one of {', '.join(BENCHES)}")
    module, what = BENCHES[name]
    run: Callable[[], dict[str, str | int | float]] = importlib.import_module(module).run
    figures = run()
    if as_json:
        print(json.dumps(figures))  # noqa: T201
        return
    table = Table("figure", "value", title=what)
    for key, value in figures.items():
        table.add_row(key, str(value))
    Console().print(table)
