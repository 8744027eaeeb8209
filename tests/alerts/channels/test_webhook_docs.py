"""What docs/delivery.md gives to those who write a receiver does what it says."""

from __future__ import annotations

import re
import textwrap
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from alerts.channels.webhook import signatures

DOCS = Path(__file__).parents[3] / "docs" / "delivery.md"
OLD, NEW = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BODY = '{"type":"notice.new","data":{"text":"أربيل"}}'.encode()

Check = Callable[[str, Mapping[str, str], bytes], bool]


@pytest.fixture
def is_genuine() -> Check:
    """The function of the documentation, as a reader would copy it."""
    (block,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    names: dict[str, Check] = {}
    exec(textwrap.dedent("   " + block.lstrip()), names)
    return names["is_genuine"]


def headers(*secrets: str, age_s: int = 0) -> dict[str, str]:
    sent_at = str(int(time.time()) - age_s)
    signed = signatures(secrets, "msg_1", sent_at, BODY)
    return {"webhook-id": "msg_1", "webhook-timestamp": sent_at, "webhook-signature": signed}


def test_a_message_of_ours_is_genuine_under_either_secret_while_they_change(is_genuine: Check) -> None:
    assert is_genuine(OLD, headers(OLD), BODY)
    assert is_genuine(OLD, headers(NEW, OLD), BODY)
    assert is_genuine(NEW, headers(NEW, OLD), BODY)


def test_a_changed_an_old_and_a_foreign_message_are_not(is_genuine: Check) -> None:
    assert not is_genuine(OLD, headers(OLD), BODY + b" ")
    assert not is_genuine(OLD, headers(OLD, age_s=400), BODY)
    assert not is_genuine(OLD, headers(NEW), BODY)
