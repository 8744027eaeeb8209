"""The ordinary stream is what it says: many topics, every language, no double day, and rings are counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import ordinary
from core.errors import InputError

TOPIC = """
share = 1
[slots]
where = ["Erbil"]
[[topic]]
name = "x"
near_miss = true
titles = ["{title}"]
sentences = ["A."]
"""


def test_the_stream_is_the_same_each_time_and_speaks_every_language() -> None:
    news = list(ordinary.items(2_000))
    assert news == list(ordinary.items(2_000))
    assert {item.lang for item in news} == {"en", "ar", "fa", "ckb", "ku", "tr", "fr", "ru", "he"}
    assert len({item.title for item in news}) > 1_000
    assert sum(item.trap == "near-miss" for item in news) > 400
    assert [item.published_at for item in news] == sorted(item.published_at for item in news)


def test_a_false_alarm_is_counted_and_named(tmp_path: Path) -> None:
    title = "Drone attack on Harir base in {where} kills two US soldiers"
    (tmp_path / "en.toml").write_text(TOPIC.replace("{title}", title))
    figures = ordinary.run(5, tmp_path)  # 5.6 days apart: five incidents
    assert (figures["n_positive"], figures["n_notices"], figures["n_rings"]) == (5, 5, 5)
    assert figures["positive_1"] == "en: Drone attack on Harir base in Erbil kills two US soldiers"


def test_a_slot_without_names_is_told_with_file_and_topic(tmp_path: Path) -> None:
    (tmp_path / "en.toml").write_text(TOPIC.replace("{title}", "News of {nobody}"))
    with pytest.raises(InputError, match=r"en\.toml, topic x: there is no slot nobody"):
        ordinary.read_topics(tmp_path)


@pytest.mark.parametrize(
    ("found", "of", "bound"), [(0, 20_000, 0.00014978), (1, 20_000, 0.00023717), (2, 100, 0.06162)]
)
def test_the_upper_bound_is_the_exact_one(found: int, of: int, bound: float) -> None:
    assert ordinary.upper_bound(found, of) == pytest.approx(bound, rel=1e-3)


def test_a_sample_of_the_stream_rings_for_nobody() -> None:
    figures = ordinary.run(1_500)
    assert figures["n_rings"] == 0
    assert figures["n_items"] == 1_500
