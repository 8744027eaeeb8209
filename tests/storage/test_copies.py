"""Copies of one text are one voice: cut, lengthened or spelled otherwise, but never with other facts."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storage import articles
from storage.engine import Database
from storage.fingerprints import FINGERPRINT_MIN_WORDS
from storage.shingles import BANDS, bands, likeness
from storage.tables import ArticleVersion
from tests.storage.builders import NOW, store

CORPUS = Path(__file__).parents[1] / "corpus"

ENGLISH = """Two explosive-laden drones were shot down on Monday evening as they approached Erbil air base, \
which hosts \
troops of the international coalition, Kurdistan's counter-terrorism service said in a statement.

The aircraft came down in an open field some four kilometres from the runway, the service added, and nobody \
was hurt.

Residents of nearby villages told reporters that they had heard a loud bang, followed by the sirens of fire engines, \
while footage shared on social media showed smoke rising above the perimeter.

No group has said that it was behind the attempt, the third against the base since the beginning of the month."""
ARABIC = """أعلن جهاز مكافحة الإرهاب في إقليم كردستان مساء الاثنين إسقاط طائرتين مسيرتين مفخختين قرب قاعدة \
أربيل الجوية التي \
تضم قوات التحالف الدولي لمحاربة تنظيم داعش.

وقال الجهاز في بيان إن الطائرتين سقطتا في أرض خالية على بعد أربعة كيلومترات من المدرج من دون وقوع إصابات أو \
أضرار مادية.

وأفاد سكان في القرى المجاورة بسماع دوي انفجار قوي أعقبته صفارات سيارات الإطفاء فيما أظهرت مقاطع مصورة تصاعد \
الدخان فوق السياج."""

TAIL = "\n\nReporting by a correspondent in Baghdad; writing by the Cairo desk; editing by the night editor. (Reuters)"
PARAGRAPHS = ENGLISH.split("\n\n")

COPIES = {
    "a credit in front": (ENGLISH, "(Reuters) - " + ENGLISH),
    "an agency's tail": (ENGLISH, ENGLISH + TAIL),
    "a long tail of background": (ENGLISH, ENGLISH + " The outlet recalls earlier events of the kind." * 12),
    "the third paragraph cut": (ENGLISH, "\n\n".join(PARAGRAPHS[:2] + PARAGRAPHS[3:])),
    "the end cut": (ENGLISH, "\n\n".join(PARAGRAPHS[:3])),
    "capitals and quotes": (ENGLISH, ENGLISH.replace("'", "’").upper()),
    "a verb changed": (ENGLISH, ENGLISH.replace("service added", "agency went on").replace("loud bang", "great bang")),
    "a name spelled otherwise": (ENGLISH, ENGLISH.replace("Erbil", "Irbil")),
    "digits for words": (ENGLISH, ENGLISH.replace("Two", "2").replace("four kilometres", "4 kilometres")),
    "Arabic letters without hamza": (ARABIC, ARABIC.translate(str.maketrans("أإآةى", "اااهي"))),
    "Persian forms of letters": (ARABIC, ARABIC.translate(str.maketrans("يك", "یک"))),
    "vowel signs": (ARABIC, ARABIC.replace("قال", "قَالَ").replace("قوات", "قوّات")),
    "an Arabic paragraph cut": (ARABIC, "\n\n".join(ARABIC.split("\n\n")[:2])),
}

OTHERS = {
    "another base": ENGLISH.replace("Erbil", "Harir"),
    "another count": ENGLISH.replace("Two", "Three"),
    "another count in digits": ENGLISH.replace("Two", "5"),
    "another day": ENGLISH.replace("Monday", "Thursday"),
    "another force": ENGLISH.replace("Kurdistan's counter-terrorism service", "Syria's Internal Security"),
    "another story with the same background": "A bus of pilgrims overturned on the road from Najaf to Karbala before "
    "dawn, and the provincial health office spoke of many injured who were taken to three hospitals.\n\n"
    + "\n\n".join(PARAGRAPHS[1:]),
}
OTHERS_AR = {
    "another base": ARABIC.replace("أربيل", "حرير"),
    "another day": ARABIC.replace("الاثنين", "الخميس"),
    "another distance": ARABIC.replace("أربعة", "سبعة"),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found_whatever_was_done_to_it(name: str, database: Database) -> None:
    one, other = COPIES[name]
    assert likeness(one, other) > 0
    assert likeness(other, one) > 0
    assert len(set(voices(database, one, other))) == 1


@pytest.mark.parametrize("name", OTHERS)
def test_the_same_form_with_other_facts_is_no_copy(name: str, database: Database) -> None:
    assert likeness(ENGLISH, OTHERS[name]) == 0
    assert len(set(voices(database, ENGLISH, OTHERS[name]))) == 2


@pytest.mark.parametrize("name", OTHERS_AR)
def test_the_same_arabic_form_with_other_facts_is_no_copy(name: str) -> None:
    assert likeness(ARABIC, OTHERS_AR[name]) == 0


def test_a_copy_of_a_copy_has_the_first_ones_voice(database: Database) -> None:
    found = voices(database, ENGLISH, ENGLISH + TAIL, "(AFP) " + ENGLISH + TAIL, ENGLISH + TAIL)
    assert len(set(found)) == 1


def test_after_a_week_the_same_words_spelled_otherwise_are_a_voice_of_their_own(database: Database) -> None:
    for days, count in ((6, 1), (8, 2)):
        with database.write() as session:
            first = _voice(session, f"https://a.example/{days}", ENGLISH.replace("Two", str(days)), 0)
            second = _voice(session, f"https://b.example/{days}", first[1] + TAIL, days)
        assert len({first[0], second[0]}) == count


def test_the_same_title_proves_nothing_and_a_flash_is_no_copy(database: Database) -> None:
    assert len(set(voices(database, ENGLISH, ARABIC))) == 2  # the builder gives both one title
    flash = " ".join(ENGLISH.split()[: FINGERPRINT_MIN_WORDS - 3])
    assert bands(flash) is None
    assert likeness(flash, flash) == 0
    assert voices(database, flash, flash) == [None, None]


def test_an_article_from_before_keys_were_kept_is_no_obstacle(database: Database) -> None:
    with database.write() as session:
        store(session, 1, text=ENGLISH)
        session.query(ArticleVersion).update({f"band_{number}": None for number in range(1, BANDS + 1)})
        assert store(session, 2, url="https://b.example/", outlet="b", family="b", text=ENGLISH + TAIL).is_new


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(alphabet="abcdefghi", min_size=3, max_size=6), min_size=40, max_size=120),
    st.integers(0, 100),
    st.integers(1, 8),
)
def test_words_left_out_anywhere_leave_a_copy(words: list[str], at: int, count: int) -> None:
    place = at % (len(words) - count)
    cut = " ".join(words[:place] + words[place + count :])
    assert likeness(" ".join(words), cut) == likeness(cut, " ".join(words)) > 0


@settings(max_examples=60, deadline=None)
@given(st.text(), st.text())
def test_no_text_breaks_it(one: str, other: str) -> None:
    for text in (one, other * 40):
        keys = bands(text)
        assert keys is None or all(-(2**63) <= key < 2**63 for key in keys)
    assert 0 <= likeness(one * 30, other * 30) <= 1


def test_no_two_texts_of_the_corpus_that_tell_different_attacks_are_copies() -> None:
    rows = _corpus()
    keyed = [(row, keys) for row in rows if (keys := bands(row["text"])) is not None]
    near = [
        (one, other)
        for (one, here), (other, there) in combinations(keyed, 2)
        if any(map(int.__eq__, here, there)) and one["text"] != other["text"]
    ]
    assert len(near) > 20  # stories that share their background are there to be told apart
    wrong = [
        (one["id"], other["id"])
        for one, other in near
        if not _incidents(one) & _incidents(other) and likeness(one["text"], other["text"])
    ]
    assert wrong == []


def test_each_long_text_of_the_corpus_is_known_again_when_another_outlet_shortens_it() -> None:
    rows = [row for row in _corpus() if len(row["text"].split()) >= 120 and row["text"].count("\n\n") >= 4]
    found = 0
    for row in rows:
        parts = row["text"].split("\n\n")
        short = "\n\n".join([*parts[:2], *parts[3:], "Our own desk adds a line of its own at the very end."])
        here, there = bands(row["text"]), bands(short)
        assert here is not None
        assert there is not None
        found += any(map(int.__eq__, here, there)) and likeness(row["text"], short) > 0
    assert len(rows) > 50
    assert found >= 0.95 * len(rows)


def voices(database: Database, *texts: str) -> list[str | None]:
    """The fingerprints that these texts get, stored one after another by different outlets."""
    found = []
    with database.write() as session:
        for number, text in enumerate(texts):
            name = f"outlet{number}"
            stored = store(session, url=f"https://{name}.example/", outlet=name, family=name, text=text)
            value = articles.article(session, stored.article_id)
            assert value is not None
            found.append(value.fingerprint)
    return found


def _voice(session: Session, url: str, text: str, days: int) -> tuple[str | None, str]:
    then = NOW + timedelta(days=days)
    stored = store(session, now=then, url=url, outlet=url, family=url, text=text, first_seen_at=then)
    value = articles.article(session, stored.article_id)
    assert value is not None
    return value.fingerprint, text


def _corpus() -> list[dict[str, Any]]:
    return [json.loads(line) for path in sorted(CORPUS.glob("*.jsonl")) for line in path.read_text().splitlines()]


def _incidents(row: dict[str, Any]) -> set[str]:
    return {attack["incident_id"] for attack in row["incidents"]}
