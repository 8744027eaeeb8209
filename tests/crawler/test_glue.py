"""Glued words are parted where that is safe, and nothing else is touched."""

from __future__ import annotations

import pytest

from crawler.glue import parted
from tests.growth import grows_with_length, of_length


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


@pytest.mark.parametrize("worst", ["on", "a,", "www.", "x@", "A"])
def test_a_megabyte_of_the_worst_takes_no_longer_than_its_length(worst):
    assert grows_with_length(parted, lambda size: of_length(worst, size))
