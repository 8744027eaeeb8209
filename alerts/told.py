"""What a system or test notice says in the language of a channel, from its reason and parameters.

The notice goes to several channels, so its document keeps the English text and beside it what it was made of. A reason
without phrases in the language, or a document of before without a parameter that they ask for, is told in English.
"""

from __future__ import annotations

import re

from alerts.language import Language
from core.documents import NoticePart
from core.text import cut, one_line

VALUE_LIMIT = 300  #: characters of one parameter

_HOLE = re.compile(r"\{(\w+)\}")


def told(notice: NoticePart, words: Language) -> tuple[str, ...]:
    """The clean lines of the notice; none where its English text must serve."""
    phrase = words.word("told", notice.reason)
    if not phrase or not set(_HOLE.findall(phrase)) <= notice.params.keys():
        return ()
    return tuple(_line(line, notice.params, words) for line in phrase.strip().splitlines())


def _line(phrase: str, params: dict[str, str | int], words: Language) -> str:
    """The line filled in; what stands between backticks is a command, and is set apart whole."""
    plain = {name: _clean(value) for name, value in params.items()}
    shown = {name: _shown(name, value, words) for name, value in params.items()}
    parts = phrase.split("`")
    for at in range(1, len(parts), 2):
        name = f"command{at}"
        parts[at], shown[name] = f"{{{name}}}", words.apart(words.fill(parts[at], **plain))
    return words.fill("".join(parts), **shown)


def _shown(name: str, value: str | int, words: Language) -> str:
    """A number with its noun, where the language has forms for it ("minutes"); a text set apart where it must be."""
    if isinstance(value, int) and f"forms.{name}" in words.phrases.tables:
        return words.form(name, value)
    return words.apart(_clean(value))


def _clean(value: str | int) -> str:
    return cut(one_line(str(value)), VALUE_LIMIT)
