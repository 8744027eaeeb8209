"""System and test notices and reminders in the language of their channel, from a document that all channels share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts import allwell, canary, stranded, telling
from alerts import system as ledger
from alerts.headline import first_line
from alerts.language import Language, english
from alerts.reminders import reminder_of
from alerts.system import as_params
from alerts.told import cause, told
from alerts.wording import plain_text
from basewatch import caretaker, outlet_news, reachability, reloading, schedule
from config.phrases import load_phrases
from config.routes import RouteSettings
from config.told import LINES, TOLD, phrases_of
from core.documents import NoticeDocument, NoticePart
from core.errors import ConfigError
from core.values import Label, NoticeKind, TextReason, Verdict
from crawler.health import Condition, Health
from crawler.outcomes import CAUSES
from storage.housekeeping import Counts
from storage.stranded import Stranded
from storage.values import ClaimedDelivery, FollowUpView
from tests.alerts.channels.messages import NOW, document, notice, without_isolates

ARABIC = Language(phrases=load_phrases("ar"))
IN_THE_TEXT_OF_ITS_CHANNEL = {TextReason.HELD_BACK, TextReason.BACKLOG}  #: digests: tests of held.py and late.py
CLAIMED = ClaimedDelivery(
    id=77, message_id="m", channel="ops", document={"notice": {"id": "BW-4.1", "kind": "new"}}, attempt=4,
    thread_ref=None, created_at=NOW, since=NOW, lease_until=NOW, notice_id=1, incident_id=4, ring=True,
)  # fmt: skip
ROUTE = RouteSettings(name="night", channels=("ops", "mail"), repeat_every_min=10)
HOUR = timedelta(hours=1)


def reminder(kind: str) -> NoticePart:
    step = FollowUpView(
        id=1, incident_id=42, notice_id=1, route="night", kind=kind, step=1, next_at=NOW, created_at=NOW - HOUR
    )
    return reminder_of(document(), step, ROUTE, NOW).notice


def a_day(**trouble: object) -> allwell.Day:
    counts = Counts(
        sources={"ok": 59, "failing": 3}, articles=9, articles_last_24h=412, pages_wanted=0, unclassified=0,
        parked=0 if not trouble else 2, incidents=1, notices=5,
        deliveries={"pending": 1, "sending": 0, "sent": 9, "dead": 3 if trouble else 0, "held": 2},
        oldest_pending_at=None, last_article_at=NOW - (HOUR if not trouble else 30 * HOUR), last_poll_ok_at=NOW - HOUR,
    )  # fmt: skip
    fields: dict[str, object] = {
        "now": NOW, "counts": counts, "incidents_told": 2, "notices": 11, "rings": 1, "unrouted": 0, "paused": (),
        "silences": 1, "last_canary_at": NOW - 2 * HOUR,
    }  # fmt: skip
    return allwell.Day(**fields | trouble)  # type: ignore[arg-type]


def sick(condition: Condition, cause: str, since: datetime | None) -> outlet_news.Patient:
    state = type("State", (), {"source_id": "shafaq-ar", "message": "dns", "failures": 1})()
    found = Health(condition=condition, cause=cause, since=since, expected_since_newest=12.0)
    return outlet_news.Patient(state=state, habits=None, health=found)  # type: ignore[arg-type]


def reached(hearing: reachability.Hearing) -> reachability.Reach:
    return reachability.Reach(
        hearing=hearing, polled=35, failing=31, outlets=27, outlets_answering=4, last_ok_at=None, main_cause="dns",
        network=True,
    )  # fmt: skip


SICK = outlet_news.News(
    troubled=(
        sick(Condition.QUIET, "nothing-new", NOW - 9 * HOUR),
        sick(Condition.LAYOUT, "pages-without:title,time,text", None),
        sick(Condition.BLOCKED, "http_403", NOW - HOUR), sick(Condition.FAILING, "dns", NOW - 30 * HOUR),
        sick(Condition.BLOCKED, "http_401", None), sick(Condition.FAILING, "timeout", None),
        sick(Condition.BLOCKED, "pages:http_403", None), sick(Condition.FAILING, "pages:empty_page", None),
        *[sick(Condition.FAILING, "http_5xx", NOW - HOUR)] * 15,
    ),
    recovered=(sick(Condition.OK, "", None),) * 22,
)  # fmt: skip
WELL = outlet_news.News(recovered=SICK.recovered[:2])
BAD = a_day(paused=("ops", "mail"), unrouted=3, last_canary_at=NOW - 26 * HOUR)


def news() -> Iterator[tuple[TextReason, ledger.News]]:
    """Each text that code can send, made by the code that sends it."""
    yield TextReason.CHANNELS_TEST, ("", {})
    yield TextReason.CANARY, ("", {"site": "Erbil air base"})
    yield TextReason.CANARY_LATE, ("", {})
    yield TextReason.CANARY_MISSED, canary.missed(Verdict(label=Label.OTHER, probability=0.12, lang="en"))
    yield TextReason.CHANNEL_PAUSED, ledger._paused_text(CLAIMED, "answered 410", 3600)
    yield TextReason.CHANNEL_BACK, ledger._back_text(CLAIMED, 12, 20)
    yield TextReason.CHANNEL_FAILING, ledger._trouble_text(CLAIMED, "no answer within 10 s")
    yield TextReason.DELIVERY_DEAD, ledger._dead_text(CLAIMED, "given up after 40 attempts: could not connect")
    for hearing, reason in (
        (reachability.Hearing.DEAF, TextReason.DEAF),
        (reachability.Hearing.HALF, TextReason.HALF_DEAF),
    ):
        yield reason, ("", reachability.reach_params(reached(hearing), NOW, NOW - HOUR))
    yield TextReason.HEARING_AGAIN, ("", reachability.reach_params(reached(reachability.Hearing.FINE), NOW, None))
    yield TextReason.OUTLET_TROUBLE, ("", outlet_news.news_params(SICK))
    yield TextReason.OUTLET_RECOVERY, ("", outlet_news.news_params(WELL))
    yield TextReason.STRANDED, stranded.news_of([Stranded(channel="old", count=3, newest=9)], 259_200)
    yield TextReason.WITHDRAWN_YET_REPORTED, telling.withdrawn_yet_reported("BW-4", "Kurdistan CTG")
    for day in (a_day(), BAD):
        yield TextReason.ALL_WELL, ("\n".join(allwell.lines(day)), allwell.params_of(day))
    for seconds in (1_200, 30_000):
        yield TextReason.SLEPT, schedule.slept(seconds)
    for what in ("failed", "skipped", "missed"):
        yield TextReason.JOB_TROUBLE, schedule.job_trouble("timers", what)
    yield TextReason.RELOAD_REFUSED, reloading.refused(ConfigError("is missing", key="channels.ops.url"))
    yield TextReason.DISK_LOW, caretaker.disk_low(Path("/var/lib/basewatch/b.db"), 40 * 2**20)
    yield TextReason.WAL_LARGE, caretaker.wal_large(80 * 2**20)
    yield TextReason.DATABASE_GONE, caretaker.database_gone("/var/lib/basewatch/b.db")
    for kind in ("repeat", "escalate"):
        yield TextReason.NOT_ACKNOWLEDGED, ("", reminder(kind).params)


def system(reason: str, **params: object) -> NoticeDocument:
    part = notice(id="SYS-7", kind=NoticeKind.SYSTEM, reason=reason, text="In English.", params=params)
    return NoticeDocument(notice=part)


def arabic(doc: NoticeDocument) -> str:
    return without_isolates(plain_text(doc, now=NOW, language=ARABIC))


def test_every_text_that_code_can_send_is_made_here_and_has_words() -> None:
    made = list(news())
    assert {reason for reason, _ in made} | IN_THE_TEXT_OF_ITS_CHANNEL == set(TextReason)
    assert set(TOLD) == set(TextReason) - IN_THE_TEXT_OF_ITS_CHANNEL
    assert {str(params.get("say", reason)) for reason, (_, params) in made} == set(phrases_of())
    entries = [
        one["say"]
        for _, (_, given) in made
        for value in given.values()
        if isinstance(value, tuple | list)
        for one in value
    ]
    assert set(entries) == set(LINES)


@pytest.mark.parametrize(("reason", "params"), [(reason, params) for reason, (_, params) in news()])
def test_each_text_is_worded_in_arabic_and_nothing_latin_stands_unguarded(reason: str, params: ledger.Params) -> None:
    part = notice(id="SYS-7", kind=NoticeKind.SYSTEM, reason=reason, text="In English.", params=as_params(params))
    lines = told(part, ARABIC)
    assert lines
    bare = re.sub("\u2068[^\u2069]*\u2069", "", "\n".join(lines))
    assert set(re.findall(r"[A-Za-z_.]*[A-Za-z]+|[`{}]", bare)) <= {"Basewatch", "TLS"}
    assert all(line.count("\u2068") == line.count("\u2069") for line in lines)


def test_a_language_that_lacks_words_for_a_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    more = phrases_of() | {"of-tomorrow": ""}
    monkeypatch.setattr("config.phrases.phrases_of", lambda: more)
    with pytest.raises(ConfigError, match=r"told\.of-tomorrow"):
        load_phrases("ar")


def test_the_daily_word_reads_as_a_desk_would_write_it() -> None:
    day = a_day()
    assert arabic(system("all-well", **as_params(allwell.params_of(day)))).splitlines()[:6] == [
        "النظام: كل شيء على ما يرام: 412 مقالاً، هجومان جديدان خلال 24 ساعة.",
        "أُرسل 11 إشعاراً، رنّ منها واحد.",
        "آخر مقال: قبل ساعة.",
        "آخر استجابة من وسيلة إعلام: قبل ساعة.",
        "آخر فحص ذاتي ناجح: قبل ساعتين.",
        "المصادر المستجيبة: 59، والمتعذّرة: 3. التفاصيل: basewatch outlets health",
    ]


def test_trouble_stands_in_the_first_line_of_the_daily_word() -> None:
    first = first_line(system("all-well", **as_params(allwell.params_of(BAD))), now=NOW, language=ARABIC)
    assert without_isolates(first).startswith("النظام: البرنامج يعمل، لكن ثمة خلل: لا مقالات منذ 24 ساعة؛ قنوات متوقفة")


@pytest.mark.parametrize("code", sorted(CAUSES.keys() - {"ok", "not_modified"}))
def test_each_cause_of_an_outlets_trouble_has_arabic_words(code: str) -> None:
    assert re.search("[\u0600-\u06ff]", cause(code, ARABIC))


@pytest.mark.parametrize(
    ("english_words", "arabic_words"),
    [
        ("no answer within 10 s", "لا رد خلال المهلة (10 ث)"),
        ("given up after 12 attempts: could not connect", "بعد محاولات عددها 12: تعذّر الاتصال"),
        ("answered 410", "الرد 410"),
        ("answered 307: moved to evil.example", "الرد 307: انتقل إلى \u2068evil.example\u2069"),
        ("something new went wrong", "\u2068something new went wrong\u2069"),
    ],
)
def test_what_went_wrong_is_worded_where_its_words_are_known(english_words: str, arabic_words: str) -> None:
    assert cause(english_words, ARABIC) == arabic_words


def test_a_line_whose_value_is_not_known_is_left_out() -> None:
    known = as_params(allwell.params_of(a_day(last_canary_at=None, silences=0)))
    said = arabic(system("all-well", **known))
    assert "فحص ذاتي" not in said
    assert "طلبات تأجيل" not in said


def test_an_instant_says_its_day_where_that_is_not_today() -> None:
    given = {"say": "source-failing", "source": "a", "why": "dns"}
    for since, said in ((NOW - HOUR, "17:13 بتوقيت غرينتش"), (NOW - 40 * HOUR, "20 نيسان/أبريل 02:13 بتوقيت غرينتش")):
        lines = arabic(
            system("outlet-trouble", sources=1, trouble=({**given, "since": since.astimezone(UTC).isoformat()},))
        )
        assert said in lines


@pytest.mark.parametrize(
    ("waited", "words"),
    [(0, "لا شيء."), (1, "إشعار واحد."), (2, "إشعاران."), (3, "3 إشعارات."), (11, "11 إشعاراً."), (100, "100 إشعار.")],
)
def test_what_waited_is_counted_as_arabic_counts(waited: int, words: str) -> None:
    assert words in arabic(system("channel-back", channel="ops", waiting=waited))


def test_a_channel_in_english_reads_the_text_as_it_was_written() -> None:
    doc = system("channel-paused", channel="ops", why="answered 410", minutes=60)
    assert told(doc.notice, english()) == ()
    assert first_line(doc, now=NOW) == "SYSTEM In English."


@pytest.mark.parametrize("doc", [system("no-such-reason"), system("channel-paused", channel="ops")])
def test_without_phrase_or_parameter_the_english_text_serves(doc: NoticeDocument) -> None:
    assert "In English." in arabic(doc)


def test_a_document_of_before_has_no_parameters_and_is_read() -> None:
    kept = system("channel-paused").to_json()
    del kept["notice"]["params"]
    assert NoticePart.model_validate(kept["notice"]).params == {}


def test_a_parameter_is_never_read_as_a_phrase() -> None:
    said = arabic(system("channel-paused", channel="{why}`", why="{channel}", minutes=2))
    assert "{channel}" in said
    assert "basewatch channels test {why}`" in said
    assert "كل دقيقتين" in said


def test_a_phrase_that_asks_for_what_is_not_given_is_refused(tmp_path: Path) -> None:
    (tmp_path / "phrases").mkdir()
    (tmp_path / "phrases/ar.toml").write_text('[told]\ncanary = "{weather}"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="weather"):
        load_phrases("ar", tmp_path)
