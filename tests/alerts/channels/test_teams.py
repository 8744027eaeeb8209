"""Microsoft Teams: cards whose text is never read as Markdown, and answers that hide a failure."""

from __future__ import annotations

import json

import pytest

from alerts.channels.teams import MESSAGE_BYTES, Teams, payload
from alerts.http import HttpSender
from alerts.wording import compose
from core.errors import ChannelGone, PermanentFailure, TransientFailure
from tests.alerts.channels.messages import LONG, NOW, PAYLOADS, hostile, system
from tests.alerts.channels.trying import attempt
from tests.fakes.server import reply


def channel(root: str, sender: HttpSender) -> Teams:
    return Teams("desk", url=f"{root}/workflows/x", sender=sender)


@pytest.mark.parametrize(("status", "answer"), [(202, ""), (200, ""), (200, "1"), (200, '{"id":"x"}')])
def test_a_workflow_and_an_old_connector_accept_in_their_own_words(status: int, answer: str) -> None:
    sent = attempt(channel, reply(status, answer)).sent
    card = sent["attachments"][0]["content"]
    assert sent["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert card["body"][0]["inlines"][0]["text"].startswith("S3 CONFIRMED Erbil air base")
    links = [run["selectAction"]["url"] for block in card["body"] for run in block["inlines"] if "selectAction" in run]
    assert links[-1] == "https://www.shafaq.com/ar/1"
    assert any(block.get("horizontalAlignment") == "Right" for block in card["body"])


@pytest.mark.parametrize("text", [*PAYLOADS, *LONG])
def test_nothing_from_outside_is_read_as_markdown_and_28_kb_hold(text: str) -> None:
    for doc in (hostile(text), system(text)):
        sent = payload(compose(doc, now=NOW))
        assert len(json.dumps(sent, ensure_ascii=False).encode()) <= MESSAGE_BYTES
        blocks = sent["attachments"][0]["content"]["body"]
        assert {block["type"] for block in blocks} == {"RichTextBlock"}  # TextBlock and FactSet read Markdown
        assert {run["type"] for block in blocks for run in block["inlines"]} == {"TextRun"}


@pytest.mark.parametrize(
    ("status", "answer", "failure"),
    [
        (200, "Microsoft Teams endpoint returned HTTP error 429 with ContextId x", TransientFailure),
        (200, "endpoint returned HTTP error 404", ChannelGone),
        (200, "endpoint returned HTTP error 413", PermanentFailure),
        (404, '{"error":{"code":"WorkflowNotFound"}}', ChannelGone),
        (401, "", ChannelGone),
        (429, "", TransientFailure),
        (502, "", TransientFailure),
        (400, "", PermanentFailure),
    ],
)
def test_what_an_answer_means(status: int, answer: str, failure: type[Exception]) -> None:
    with pytest.raises(failure) as caught:
        attempt(channel, reply(status, answer))
    assert type(caught.value) is failure
