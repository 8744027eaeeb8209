"""A layout that changed shows in the fields that pages stop giving."""

from __future__ import annotations

from core.page_habit import PageField, PageHabit

WHOLE = PageField.READ | PageField.TITLE | PageField.TIME | PageField.TEXT
NO_TIME = PageField.READ | PageField.TITLE | PageField.TEXT


def after(*runs: tuple[int, PageField], habit: PageHabit | None = None, cause: str | None = None) -> PageHabit:
    habit = habit or PageHabit()
    for number, page in runs:
        for _ in range(number):
            habit = habit.after(page, cause)
    return habit


def test_pages_that_stay_whole_miss_nothing() -> None:
    assert after((600, WHOLE)).missing() == []
    assert not after((600, WHOLE)).unread()


def test_a_field_that_most_pages_had_and_few_have_is_missing() -> None:
    assert after((60, WHOLE), (14, NO_TIME)).missing() == ["time"]
    assert after((60, WHOLE), (14, PageField.READ)).missing() == ["title", "time", "text"]


def test_a_few_odd_pages_are_no_change() -> None:
    assert after((60, WHOLE), (8, NO_TIME)).missing() == []


def test_what_was_never_there_is_not_missed() -> None:
    assert after((200, NO_TIME)).missing() == []


def test_the_change_is_seen_until_it_ends_however_long_it_lasts() -> None:
    changed = after((60, WHOLE), (900, NO_TIME))
    assert changed.missing() == ["time"]
    assert after((15, WHOLE), habit=changed).missing() == []


def test_pages_that_cannot_be_read_are_told_with_their_cause_even_from_the_start() -> None:
    walled = after((9, PageField(0)), cause="blocked_page")
    assert not walled.unread()
    walled = walled.after(PageField(0), "http_403")
    assert walled.unread()
    assert walled.cause == "http_403"
    assert walled.missing() == []


def test_it_comes_back_from_its_text() -> None:
    habit = after((60, WHOLE), (14, NO_TIME), cause="http_403")
    assert PageHabit.from_text(habit.to_text()).missing() == ["time"]
    assert PageHabit.from_text(habit.to_text()) == habit
    assert PageHabit.from_text(None) == PageHabit()
