"""``basewatch bench crawl`` does the work that it says it measures."""

from __future__ import annotations

import pytest

from bench import crawl, lookups
from bench.newsstand import ETAG, answer, page
from core.errors import InputError


def head(path: str, **headers: str) -> str:
    lines = "".join(f"\r\n{name}: {value}" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1{lines}"


def test_a_small_run_polls_records_reads_and_stores_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookups, "N_LARGE", 40_000)
    figures = crawl.run(30)
    assert figures["n_sources"] == 30
    assert figures["n_pages"] == 10
    assert float(figures["polls_304_per_s"]) > 0


def test_the_server_is_unchanged_only_for_who_names_the_etag() -> None:
    assert answer(head("/feed/1/2", **{"If-None-Match": ETAG})).startswith(b"HTTP/1.1 304")
    full = answer(head("/feed/1/2"))
    assert full.startswith(b"HTTP/1.1 200")
    assert full.count(b"<item>") == 2
    assert answer(head("/robots.txt")).startswith(b"HTTP/1.1 404")


def test_a_page_is_as_heavy_as_a_real_one_and_its_text_is_known() -> None:
    body = page(3, 4)
    assert len(body) > 60_000
    truth = crawl._truth(body)
    assert crawl._f1(truth, truth) == 1.0
    assert crawl._f1("", truth) == 0.0


def test_a_process_that_fails_is_told(tmp_path: object) -> None:
    with pytest.raises(InputError, match=r"bench\.crawl_rounds failed"):
        crawl._ask("bench.crawl_rounds", "unchanged", "no port", 1, 1)
