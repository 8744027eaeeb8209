"""Glued words are parted where that is safe, and nothing else is touched."""

from __future__ import annotations

import time

import pytest

from crawler.glue import parted


@pytest.mark.parametrize(
    ("glued", "right"),
    [
        ("A drone fell onWednesday nearErbil", "A drone fell on Wednesday near Erbil"),
        ("rockets fired atAin al-Asad", "rockets fired at Ain al-Asad"),
        ("the manufacture,use and sale", "the manufacture, use and sale"),
        ("hit the base.The army said so", "hit the base. The army said so"),
        ("قال المصدر،وأضاف أن", "قال المصدر، وأضاف أن"),
    ],
)
def test_glued_words_are_parted(glued, right):
    assert parted(glued) == right
    assert parted(right) == right


@pytest.mark.parametrize(
    "text",
    [
        "astatement by McDonald and MacArthur", "U.S. and U.K. forces, 1,500 of them",
        "see https://outlet.example/onTheBase,now", "write to onCall@outlet.example",
        "an F-16C over iPhone, eBay and shafaq.com", "TikTok", "3.5 km, 10:30",
        "الساعة 9,5 و10،5", "ToI reported", "",
    ],
)  # fmt: skip
def test_names_addresses_and_numbers_stay_whole(text):
    assert parted(text) == text


@pytest.mark.parametrize("worst", ["on" * 500_000, "a," * 500_000, "www." * 250_000, "x@" * 500_000, "A" * 1_000_000])
def test_a_megabyte_of_the_worst_takes_no_time(worst):
    began = time.process_time()
    parted(worst)
    assert time.process_time() - began < 4
