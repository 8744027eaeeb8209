"""The yardstick itself: it passes what is linear and stops what starts anew at each character."""

from __future__ import annotations

from tests.growth import grows_with_length, of_length


def test_one_walk_over_the_text_passes():
    assert grows_with_length(lambda text: [char.upper() for char in text], lambda size: of_length("ab ", size))


def test_a_walk_for_every_twentieth_character_does_not():
    def read(text: str) -> None:
        for at in range(0, len(text), 20):
            text.count("z", at)

    assert not grows_with_length(read, lambda size: of_length("ab ", size), small=20_000, large=320_000, spare_s=0)
