"""What a notice that is told by a text says in the language of a channel, from its reason and parameters.

The notice goes to several channels, so its document keeps the English text and beside it what it was made of
(``config/told.py`` says what). A document of before without a parameter that is always given now is told in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache

from alerts.language import Language
from alerts.phrases import ago, day
from config.phrases import Phrases
from config.told import LINES, Given, names, phrases_of
from core.documents import NoticePart, Param
from core.text import cut, one_line

VALUE_LIMIT = 300  #: characters of one parameter
CAUSES = ("why", "fields", "verdict")  #: parameters whose words are looked up

_HOLE = re.compile(r"\{(\w+)\}")
Params = Mapping[str, Param | Sequence[Mapping[str, Param]]]


def told(notice: NoticePart, words: Language) -> tuple[str, ...]:
    """The clean lines of the notice; none where its English text must serve."""
    said = notice.params.get("say", notice.reason)
    phrase = words.word("told", str(said))
    known = names(phrases_of().get(str(said), ""))
    if not phrase or any(how is Given.ALWAYS and name not in notice.params for name, how in known.items()):
        return ()
    found = [_lines(line, notice.params, notice.created_at, words) for line in phrase.strip().splitlines()]
    return tuple(line for lines in found for line in lines)


def _lines(phrase: str, params: Params, now: datetime, words: Language) -> Iterator[str]:
    """The line filled in; a list that stands alone in it is a line an entry; none where a value is not given."""
    holes = set(_HOLE.findall(phrase))
    if not holes <= params.keys():
        return
    entries = {
        name: list(_entries(value, now, words)) for name in holes if not isinstance(value := params[name], Param)
    }
    plain = {name: value for name in holes if isinstance(value := params[name], Param)}
    if phrase.strip() in {f"{{{name}}}" for name in entries}:
        yield from entries[phrase.strip()[1:-1]]
    else:
        joined = {name: words.word("text", "semicolon").join(lines) for name, lines in entries.items()}
        yield _filled(phrase, plain, joined, now, words)


def _entries(entries: Sequence[Mapping[str, Param]], now: datetime, words: Language) -> Iterator[str]:
    for entry in entries:
        said = str(entry.get("say"))
        if said in LINES and names(LINES[said]).keys() <= entry.keys():
            yield _filled(words.word("told_lines", said), entry, {}, now, words)


def _filled(phrase: str, values: Mapping[str, Param], done: Mapping[str, str], now: datetime, words: Language) -> str:
    """The phrase filled in; what stands between backticks is a command, and is set apart whole."""
    plain = {name: _clean(value) for name, value in values.items()}
    shown = {name: _shown(name, value, now, words) for name, value in values.items()} | dict(done)
    parts = phrase.split("`")
    for at in range(1, len(parts), 2):
        name = f"command{at}"
        parts[at], shown[name] = f"{{{name}}}", words.apart(words.fill(parts[at], **plain))
    return words.fill("".join(parts), **shown)


def _shown(name: str, value: Param, now: datetime, words: Language) -> str:
    """A number with its noun, an instant, a cause in words; any other text set apart where it must be."""
    if isinstance(value, int):
        return words.form(name, value) if f"forms.{name}" in words.phrases.tables else str(value)
    if name == "since" or name.endswith("_ago"):
        return _instant(name, value, now, words)
    if name in CAUSES:
        return words.word("text", "comma").join(cause(_clean(part), words) for part in _parts(name, value))
    return words.apart(_clean(value))


def _parts(name: str, value: str) -> list[str]:
    return value.split(",") if name == "fields" else [value]


def _instant(name: str, value: str, now: datetime, words: Language) -> str:
    try:
        then = datetime.fromisoformat(value).astimezone(UTC)
    except ValueError:
        return words.apart(_clean(value))
    if name.endswith("_ago"):
        return ago(then, now, words) or words.say("just_now")
    hour = words.say("utc", hour=f"{then:%H:%M}")
    return hour if then.date() == now.date() else words.say("day_hour", day=day(then, now, words), hour=hour)


def cause(text: str, words: Language) -> str:
    """What went wrong, in the language; the English words, set apart, where it has none for them."""
    for pattern, phrase in _patterns(words.phrases):
        if found := pattern.fullmatch(text):
            inner = {name: cause(value, words) if name == "why" else words.apart(value)
                     for name, value in found.groupdict().items()}  # fmt: skip
            return words.fill(phrase, **inner)
    return words.apart(text)


@cache
def _patterns(phrases: Phrases) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The table ``why``: English words, in which ``{name}`` stands for anything, and those of the language."""
    made = []
    for english, phrase in phrases.tables.get("why", {}).items():
        parts = _HOLE.split(english)
        made.append((re.compile("".join(
            f"(?P<{part}>.+?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))), phrase))  # fmt: skip
    return tuple(made)


def _clean(value: Param) -> str:
    return cut(one_line(str(value)), VALUE_LIMIT)
