"""The longest digest on every channel: nothing that it names is lost, and the channel's own limit holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from alerts.channels import discord, matrix, mattermost, ntfy, slack, teams, telegram
from alerts.digests import line_of, part_of, split, title
from alerts.language import Language, is_rtl, names_of
from alerts.layout import utf16
from alerts.wording import Body, compose
from config.phrases import load_phrases
from config.watch import load_watch
from core.documents import Casualties, NoticeDocument
from core.values import NoticeKind, Outcome, Status, Weapon
from storage.values import HeldDelivery
from tests.alerts.channels.messages import NOW, document, incident, message, notice

LANGUAGES = {
    "en": Language(phrases=load_phrases("en")),
    "ar": Language(phrases=load_phrases("ar"), names=names_of(load_watch(), "ar")),
}
COUNT = 80
LONG_NAMES = {
    "en": "Forward operating base at the crossing of (Al-Hasakah) & [Deir_ez-Zor] <north> of *the* #river",
    "ar": "القاعدة العسكرية المتقدمة عند تقاطع طرق الحسكة ودير الزور والبوكمال شمال النهر قرب الحدود",
}


def digest(code: str) -> list[NoticeDocument]:
    """Eighty notices with long names, told after a burst."""
    words = LANGUAGES[code]
    part = incident(
        base="other-named", base_name=None, place=LONG_NAMES[code], status=Status.CONFIRMED, status_by=LONG_NAMES[code],
        weapons=(Weapon.BALLISTIC_MISSILE, Weapon.DRONE), count_low=11, count_high=19,
        outcome=Outcome.PARTLY_INTERCEPTED,
        casualties=(Casualties(whose="us_coalition", kind="killed", low=2, high=12),),
    )  # fmt: skip
    held = []
    for number in range(1, COUNT + 1):
        told = document(notice=notice(id=f"BW-{1000 + number}.12", kind=NoticeKind.CORRECTION), incident=part)
        held.append(
            HeldDelivery(
                id=number, channel="c", held_for="quiet", held_note="quiet hours until 06:00 (Asia/Baghdad)",
                incident_id=number, ring=True, route=None, document=told.to_json(),
            )
        )  # fmt: skip
    why = words.fill(words.word("held", "quiet", "{note}"), note=held[0].held_note)
    parts = list(split([(one.id, line_of(one, NOW, words)) for one in held], title(999, why, 99, 99, words)))
    assert part_of(1, len(parts), words)
    return [
        NoticeDocument(
            notice=notice(
                id="SYS-9999", kind=NoticeKind.DIGEST, reason="held-back",
                text="\n".join([title(COUNT, why, number, len(parts), words), *one.lines]),
            )
        )
        for number, one in enumerate(parts, 1)
    ]  # fmt: skip


def json_bytes(payload: Any) -> int:
    return len(json.dumps(payload, ensure_ascii=False).encode())


def of_discord(body: Body, doc: NoticeDocument) -> str:
    made = discord.payload(message(doc), body)
    text = made["embeds"][0]["description"]
    assert utf16(made["content"]) <= 2_000
    assert utf16(text) <= 4_096
    assert utf16(text) + utf16(made["embeds"][0]["footer"]["text"]) <= 6_000
    return str(text).replace("\\", "")


def of_slack(body: Body, doc: NoticeDocument) -> str:
    made = slack.payload(body)
    assert len(made["blocks"]) <= 50
    texts = [block["text"]["text"] for block in made["blocks"] if block["type"] == "section"]
    assert all(len(text) <= 3_000 for text in texts)
    assert len(made["blocks"][0]["text"]["text"]) <= 150
    assert len(made["text"]) <= 4_000
    assert ids(made["text"]) == ids("\n".join(texts))
    return "\n".join(texts)


def of_telegram(body: Body, doc: NoticeDocument) -> str:
    text = telegram.text(body)
    shown = re.sub(r"<[^>]+>", "", text).replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">")
    assert utf16(shown) <= 4_096
    return text


def of_ntfy(body: Body, doc: NoticeDocument) -> str:
    text = ntfy.text(body)
    assert len(text.encode()) <= 4_096
    return text


def of_teams(body: Body, doc: NoticeDocument) -> str:
    made = teams.payload(body)
    assert json_bytes(made) <= 28_000
    return json.dumps(made, ensure_ascii=False)


def of_matrix(body: Body, doc: NoticeDocument) -> str:
    made = matrix.text(body)
    assert json_bytes(made) <= 60_000  # of 65,536 for the event
    assert ids(made["body"]) == ids(made["formatted_body"])
    return str(made["body"])


def of_mattermost(body: Body, doc: NoticeDocument) -> str:
    text = mattermost.text(body)
    assert len(text) <= 16_383
    return text.replace("\\", "")


def ids(text: str) -> set[str]:
    return set(re.findall(r"BW-\d+\.12", text))


CHATS: dict[str, Callable[[Body, NoticeDocument], str]] = {
    "discord": of_discord, "slack": of_slack, "telegram": of_telegram, "ntfy": of_ntfy, "teams": of_teams,
    "matrix": of_matrix, "mattermost": of_mattermost,
}  # fmt: skip


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("chat", CHATS)
def test_every_notice_that_a_digest_names_arrives_and_the_limit_holds(chat: str, code: str) -> None:
    parts, named = digest(code), set()
    for doc in parts:
        body = compose(doc, now=NOW, language=LANGUAGES[code])
        said = CHATS[chat](body, doc)
        assert body.cut not in said
        named |= ids(said)
    assert named == {f"BW-{1000 + number}.12" for number in range(1, COUNT + 1)}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("chat", ["discord", "telegram", "ntfy"])
def test_where_an_alert_has_no_room_it_says_how_to_see_the_rest(chat: str, code: str) -> None:
    doc = document(reasons_for=tuple(f"for: {'نص طويل ' * 40}{number}" for number in range(40)))
    long = {"outlet_name": LONG_NAMES["ar"], "title": LONG_NAMES["ar"] * 3}
    sources = tuple(doc.sources[0].model_copy(update={"outlet": f"o{number}", **long}) for number in range(12))
    many = doc.model_copy(update={"sources": sources})
    body = compose(many, now=NOW, language=LANGUAGES[code])
    said = CHATS[chat](body, many)
    assert "basewatch incidents show BW-42" in said.replace("\\", "")


def test_an_arabic_digest_keeps_its_isolates_and_no_line_begins_with_a_latin_letter() -> None:
    body = compose(digest("ar")[0], now=NOW, language=LANGUAGES["ar"])
    for line in (body.first_line, *body.note):
        assert line.count("\u2068") == line.count("\u2069")
        assert is_rtl(line.lstrip("\u2068"))
        assert not line.startswith("\u2068")
    assert all("(\u2068BW-" in line for line in body.note)
