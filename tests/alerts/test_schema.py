"""docs/schema/notice.json is what ``core.documents`` says; made anew by ``python -m tests.alerts.test_schema``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from core.documents import NoticeDocument
from tests.alerts.channels.messages import document, system

FILE = Path(__file__).parents[2] / "docs/schema/notice.json"


def schema() -> dict[str, Any]:
    made = NoticeDocument.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def text() -> str:
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def test_the_published_schema_is_that_of_the_code() -> None:
    assert FILE.read_text(encoding="utf-8") == text(), "write it anew with: python -m tests.alerts.test_schema"


def test_what_is_sent_has_the_published_fields_and_no_other() -> None:
    published = json.loads(FILE.read_text(encoding="utf-8"))
    for doc in (document(), system()):
        sent = doc.to_json()
        assert set(sent) == set(published["properties"])
        assert set(sent["notice"]) == set(published["$defs"]["NoticePart"]["properties"])


if __name__ == "__main__":
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(text(), encoding="utf-8")
