"""Dates as outlets write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import (
    GREGORIAN_MONTHS,
    JALALI_MONTHS,
    WEEKDAYS,
    ascii_digits,
    date_to_jalali,
    fold_name,
    jalali_to_date,
    parse_published,
)

NOW = datetime(2024, 4, 22, 6, 0, tzinfo=UTC)
BAGHDAD, TEHRAN = "Asia/Baghdad", "Asia/Tehran"

# (as written, the outlet's zone, UTC)
TIMES = [
    ("Sun, 21 Apr 2024 20:51:07 +0000", BAGHDAD, "2024-04-21T20:51:07"),
    ("Sun, 21 Apr 2024 20:51:07 GMT", BAGHDAD, "2024-04-21T20:51:07"),
    ("21 Apr 2024 23:51 +0300", BAGHDAD, "2024-04-21T20:51:00"),
    ("Sun, 21 Apr 2024 16:51:07 -0400", BAGHDAD, "2024-04-21T20:51:07"),
    ("Sun, 21 Apr 2024 16:51:07 EDT", BAGHDAD, "2024-04-21T20:51:07"),
    ("Sun, 21 Apr 2024 23:51:07", BAGHDAD, "2024-04-21T20:51:07"),
    ("Mon, 22 Apr 2024 00:21:07 +0330", TEHRAN, "2024-04-21T20:51:07"),
    ("2024-04-21T20:51:07+00:00", BAGHDAD, "2024-04-21T20:51:07"),
    ("2024-04-21T20:51:07Z", BAGHDAD, "2024-04-21T20:51:07"),
    ("2024-04-21T20:51:07.123456Z", BAGHDAD, "2024-04-21T20:51:07"),
    ("2024-04-21T23:51:07+0300", None, "2024-04-21T20:51:07"),
    ("2024-04-21T23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("2024-04-21 23:51:07", BAGHDAD, "2024-04-21T20:51:07"),
    ("2024/04/21 - 23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("1713732667", BAGHDAD, "2024-04-21T20:51:07"),
    ("1713732667000", BAGHDAD, "2024-04-21T20:51:07"),
    ("April 21, 2024 11:51 PM", BAGHDAD, "2024-04-21T20:51:00"),
    ("Apr. 21, 2024, 4:51 p.m. EDT", None, "2024-04-21T20:51:00"),
    ("Sunday, 21st April 2024 at 23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("21/04/2024 23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("21-04-2024 | 11:51 م", BAGHDAD, "2024-04-21T20:51:00"),
    ("04/21/2024 4:51 PM", "America/New_York", "2024-04-21T20:51:00"),
    ("٢٠٢٤-٠٤-٢١ ٢٣:٥١", BAGHDAD, "2024-04-21T20:51:00"),
    ("الأحد 21 نيسان 2024 | 11:51 مساءً", BAGHDAD, "2024-04-21T20:51:00"),
    ("الأحد، ٢١ أبريل ٢٠٢٤ ٢٣:٥١", BAGHDAD, "2024-04-21T20:51:00"),
    ("21 نيسان / أبريل 2024 - 23:51", "Asia/Beirut", "2024-04-21T20:51:00"),
    ("20 كانون الثاني 2024 09:05 ص", BAGHDAD, "2024-01-20T06:05:00"),
    ("۲ اردیبهشت ۱۴۰۳ - ۲۳:۵۱", TEHRAN, "2024-04-21T20:21:00"),
    ("یکشنبه ۲ اردیبهشت ۱۴۰۳ ساعت ۱۱:۵۱ ب.ظ", TEHRAN, "2024-04-21T20:21:00"),
    ("1403/02/02 23:51", TEHRAN, "2024-04-21T20:21:00"),
    ("۲۱ آوریل ۲۰۲۴، ۲۳:۵۱", TEHRAN, "2024-04-21T20:21:00"),
    ("٢١ی نیسانی ٢٠٢٤ - ٢٣:٥١", BAGHDAD, "2024-04-21T20:51:00"),
    ("٢ی گوڵانی ٢٧٢٤ ٢٣:٥١", BAGHDAD, "2024-04-21T20:51:00"),
    ("21ê Nîsana 2024 23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("21 Nisan 2024 Pazar 23:51", "Europe/Istanbul", "2024-04-21T20:51:00"),
    ("21 NİSAN 2024, 23:51", "Europe/Istanbul", "2024-04-21T20:51:00"),
    ("dimanche 21 avril 2024 à 22h51", "Europe/Paris", "2024-04-21T20:51:00"),
    ("1er févr. 2024 12:00", "Europe/Paris", "2024-02-01T11:00:00"),
    ("21 апреля 2024, 23:51", "Europe/Moscow", "2024-04-21T20:51:00"),
    ("21 באפריל 2024, 23:51", "Asia/Jerusalem", "2024-04-21T20:51:00"),
    ("Yesterday 23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("اليوم 08:30", BAGHDAD, "2024-04-22T05:30:00"),
    ("21 April 23:51", BAGHDAD, "2024-04-21T20:51:00"),
    ("30 December 10:00", BAGHDAD, "2023-12-30T07:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "zone", "utc"), TIMES)
def test_a_time_is_read_as_its_outlet_means_it(raw, zone, utc):
    parsed = parse_published(raw, zone=zone, now=NOW)
    assert parsed is not None
    assert parsed.at == datetime.fromisoformat(utc).replace(tzinfo=UTC)
    assert not parsed.date_only
    assert parsed.raw == raw


@pytest.mark.parametrize(
    ("raw", "day"),
    [
        ("2024-04-21", date(2024, 4, 21)),
        ("21 April 2024", date(2024, 4, 21)),
        ("Aralık 5, 2023", date(2023, 12, 5)),
        ("12 شوال 1445 هـ - 21 أبريل 2024 م", date(2024, 4, 21)),
        ("۲ اردیبهشت ۱۴۰۳", date(2024, 4, 21)),
        ("1403-02-02", date(2024, 4, 21)),
        ("05.03.2024", date(2024, 3, 5)),
        ("04/05/2024", date(2024, 4, 5)),  # the fourth of May has not come yet
    ],
)
def test_a_day_without_a_time_says_so_and_is_the_right_day_everywhere_in_the_region(raw, day):
    parsed = parse_published(raw, zone=BAGHDAD, now=NOW)
    assert parsed is not None
    assert parsed.date_only
    assert {parsed.at.astimezone(ZoneInfo(zone)).date() for zone in (BAGHDAD, TEHRAN, "America/New_York", "UTC")} == {
        day
    }


@pytest.mark.parametrize(
    "raw",
    [
        None, "", "   ", "now", "just now", "5 minutes ago", "soon", "Thu, 01 Jan 1970 00:00:00 +0000",
        "0000-00-00 00:00:00", "0001-01-01T00:00:00Z", "2024-02-31", "2024-13-01", "31 September 2023",
        "30 اسفند 1402", "0", "1",
        "12:30", "May",        "x" * 5000, "9999-12-31T23:59:59Z", "2031-01-01", "1447/02/02",
        "Tue, 99 Foo 2024 25:61:00", "99999999999999999",
        "9999999999", "2024-04-21T26:00:00Z",
    ],
)  # fmt: skip
def test_what_tells_no_possible_time_is_unknown_and_never_now(raw):
    assert parse_published(raw, zone=BAGHDAD, now=NOW) is None


def test_local_time_labelled_as_utc_is_read_in_the_outlets_zone():
    now = datetime(2024, 4, 21, 20, 55, tzinfo=UTC)
    parsed = parse_published("Sun, 21 Apr 2024 23:51:07 +0000", zone=BAGHDAD, now=now)
    assert parsed is not None
    assert parsed.at == datetime(2024, 4, 21, 20, 51, 7, tzinfo=UTC)
    assert parsed.zone_inferred
    assert parsed.raw == "Sun, 21 Apr 2024 23:51:07 +0000"


@pytest.mark.parametrize(("minutes", "zone_inferred"), [(9, False), (10, False), (11, True)])
def test_ten_minutes_of_future_are_a_fast_clock_and_eleven_a_wrong_label(minutes, zone_inferred):
    told = (NOW + timedelta(minutes=minutes)).isoformat()
    parsed = parse_published(told, zone=BAGHDAD, now=NOW)
    assert parsed is not None
    assert parsed.zone_inferred is zone_inferred


def test_an_outlet_known_to_lie_is_read_in_its_own_zone_even_in_the_past():
    parsed = parse_published("Sun, 21 Apr 2024 05:00:00 +0000", zone="Asia/Aden", now=NOW, zone_lies=True)
    assert parsed is not None
    assert parsed.at == datetime(2024, 4, 21, 2, 0, tzinfo=UTC)
    assert parsed.zone_inferred


def test_a_time_in_the_future_by_every_reading_is_unknown():
    assert parse_published("2024-04-23T20:00:00Z", zone=BAGHDAD, now=NOW) is None


def test_an_unknown_zone_name_is_utc():
    parsed = parse_published("2024-04-21 20:51", zone="Mars/Olympus", now=NOW)
    assert parsed is not None
    assert parsed.at.hour == 20


def test_new_years_of_the_iranian_calendar():
    for year, day in [(1357, date(1978, 3, 21)), (1399, date(2020, 3, 20)), (1400, date(2021, 3, 21)),
                      (1403, date(2024, 3, 20)), (1404, date(2025, 3, 21)), (1405, date(2026, 3, 21)),
                      (1408, date(2029, 3, 20))]:  # fmt: skip
        assert jalali_to_date(year, 1, 1) == day


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_both_calendars_agree_both_ways(day):
    assert jalali_to_date(*date_to_jalali(day)) == day


@given(st.text(max_size=80))
def test_no_text_breaks_the_reader_or_lies_in_the_future(raw):
    parsed = parse_published(raw, zone=BAGHDAD, now=NOW)
    assert parsed is None or parsed.at <= NOW + timedelta(days=2)


def test_every_language_names_twelve_months_and_seven_days():
    assert set(GREGORIAN_MONTHS) == set(WEEKDAYS) == {"en", "ar", "fa", "ckb", "ku", "tr", "fr", "ru", "he"}
    for table in [*GREGORIAN_MONTHS.values(), *JALALI_MONTHS.values()]:
        assert set(table.values()) == set(range(1, 13))
    for table in WEEKDAYS.values():
        assert set(table.values()) == set(range(7))


def test_weekdays_are_known_as_sentences_bend_and_outlets_spell_them():
    bent = [("ku", "Duşemê", 0), ("ku", "Înê", 4), ("ku", "Şemiyê", 5), ("ckb", "یەکشەمە", 6), ("ru", "четверга", 3)]
    assert [WEEKDAYS[lang].get(name) for lang, name, _ in bent] == [day for *_, day in bent]


def test_no_name_means_two_months():
    seen: dict[str, int] = {}
    for table in GREGORIAN_MONTHS.values():
        for name, number in table.items():
            assert seen.setdefault(fold_name(name), number) == number, name


def test_digits_of_every_script_become_ascii():
    assert ascii_digits("٢١ ۲۱ २१ ２１ 21 x²") == "21 21 21 21 21 x²"
