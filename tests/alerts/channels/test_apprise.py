"""The bridge: what is sent is inert and fits, and the short form is one text message."""

from __future__ import annotations

import asyncio
import json
import re
import sys

import pytest

from alerts.channels.apprise import Apprise, defused
from alerts.language import Language, english
from alerts.sms import fits, gsm7_size, plain, sms_text
from config.phrases import load_phrases
from core.errors import ConfigError, TransientFailure
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, document, hostile, message, system
from tests.fakes.server import ScriptedServer, reply

ARABIC = Language(phrases=load_phrases("ar"))


def test_a_service_gets_title_and_text_and_its_refusal_is_for_now() -> None:
    with ScriptedServer() as web:
        web.route("/hook", reply(200, "ok"), reply(500, "no"))
        bridge = Apprise("sms", url=f"json://{web.netloc}/hook", deadline_s=5)
        receipt = asyncio.run(bridge.send(message()))
        assert receipt.answer == "accepted, says Apprise"
        sent = json.loads(web.requests_to("/hook")[0].body)
        assert sent["title"].startswith("S3 CONFIRMED Erbil air base")
        assert sent["message"].endswith("[BW-42.1]")
        with pytest.raises(TransientFailure):
            asyncio.run(bridge.send(message()))


def test_where_it_is_not_installed_the_operator_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(ConfigError, match="pip install 'basewatch\\[apprise\\]'"):
        Apprise("sms", url="json://x.example", deadline_s=5)


def test_a_url_that_no_service_has_is_refused_without_being_printed() -> None:
    with pytest.raises(ConfigError) as caught:
        Apprise("sms", url="nosuch://S3NT1NEL", deadline_s=5)
    assert "S3NT1NEL" not in str(caught.value)


@pytest.mark.parametrize("language", [english(), ARABIC], ids=["en", "ar"])
@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_the_short_form_is_one_text_message_with_its_id(language: Language, text: str) -> None:
    for doc in (hostile(text), system(text), document()):
        shown = sms_text(doc, now=NOW, language=language)
        assert fits(shown)
        assert not set("@<>\u200b\u2068\u2069") & set(shown)
        assert doc.notice.id in shown


def test_the_short_form_says_what_matters() -> None:
    assert sms_text(document(), now=NOW, language=english()) == (
        "S3 CONFIRMED Erbil air base: 1 drone shot down, 0 hurt - CTG - 21:07 (6 min ago) [BW-42.1]"
    )
    arabic = sms_text(document(), now=NOW, language=ARABIC)
    assert "اعتراض مسيّرة" in arabic
    assert "21:07" in arabic


def test_gsm_7_counts_its_extended_characters_twice() -> None:
    assert gsm7_size("a[b]") == 6
    assert gsm7_size("هجوم") is None
    assert plain("Café “Qābūs” …") == 'Cafe "Qabus" ...'


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_line_for_the_bridge_is_inert(text: str) -> None:
    shown = defused(text)
    assert not re.search(r"@\w|[<>`]|\]\(", shown)
