"""Benchmarks print true figures; how fast they are is no test's business."""

import importlib
from pathlib import Path

import pytest

from basewatch.commands.bench import BENCHES, bench
from bench import delivery, delivery_faults, delivery_kills
from bench.machine import machine
from core.errors import InputError

DOCS = Path(__file__).parents[2] / "docs" / "benchmarks.md"


def test_what_the_delivery_bench_sends_arrives_once_each() -> None:
    figures = delivery.run(n_notices=25)
    assert (figures["n_notices"], figures["lost"], figures["double_ids"]) == (25, 0, 0)
    assert float(figures["notices_per_s"]) > 0


def test_faulty_receivers_get_everything_under_one_id_each() -> None:
    figures = delivery_faults.run(200, paced_s=2)
    assert (figures["lost"], figures["double_ids"], figures["dead"]) == (0, 0, 0)
    assert float(figures["p95_ratio"]) > 0


def test_a_daemon_that_is_killed_at_random_loses_nothing() -> None:
    figures = delivery_kills.run(6)
    assert (figures["lost"], figures["double_ids"]) == (0, 0)
    assert int(figures["kills"]) >= 1


def test_an_unknown_bench_is_refused_in_a_sentence() -> None:
    with pytest.raises(InputError, match="choose one of latency"):
        bench("speed", as_json=True)


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_can_be_run_and_has_its_place_in_the_docs(name: str) -> None:
    assert callable(importlib.import_module(BENCHES[name][0]).run)
    assert f"basewatch bench {name}" in DOCS.read_text(encoding="utf-8")


def test_every_figure_names_its_machine() -> None:
    assert {"cores", "memory_gib", "python", "date"} <= machine().keys()
