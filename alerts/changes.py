"""What an update or a correction changes, in words: "hurt: was 2, now 5 — per CENTCOM"."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from alerts.language import Language, english
from alerts.phrases import clock, number_range
from core.documents import Change, IncidentPart
from core.text import cut, one_line

_CODE_WORD = re.compile(r"[a-z]+(?:_[a-z]+)*")


def change_line(change: Change, incident: IncidentPart | None, now: datetime, language: Language | None = None) -> str:
    """ "hurt: was 2, now 5 — per CENTCOM"."""
    words = language or english()
    parts = re.split(r"[.]+", one_line(change.field))
    field = " ".join(words.word("field", part) or part.replace("_", " ") for part in parts).strip()
    before, after = (_value(value, incident, now, words) for value in (change.before, change.after))
    line = words.say("change", field=field, before=before, after=after)
    if change.by:
        line = words.say("change_by", change=line, by=words.apart(one_line(change.by)))
    return cut(line, 300)


def _value(value: Any, incident: IncidentPart | None, now: datetime, words: Language) -> str:
    """One JSON value of a change, in words."""
    if value is None or value in ("", []):
        return words.say("not_stated")
    if isinstance(value, bool):
        return words.say("yes" if value else "no")
    if isinstance(value, list | tuple):
        return words.join([_value(item, incident, now, words) for item in value])
    if isinstance(value, dict):
        if set(value) <= {"low", "high"}:
            return number_range(value.get("low"), value.get("high"), words) or words.say("not_stated")
        return words.join([f"{one_line(str(key))} {_value(item, incident, now, words)}" for key, item in value.items()])
    text = one_line(str(value))
    if re.match(r"\d{4}-\d\d-\d\dT", text) and incident is not None:
        try:
            return clock(datetime.fromisoformat(text), incident, now, words)
        except ValueError:
            return text
    if name := words.names.get(("site", text)) or words.names.get(("actor", text)):
        return name
    if known := words.word("value", text):
        return known
    return words.apart(text.replace("_", " ") if _CODE_WORD.fullmatch(text) else text)
