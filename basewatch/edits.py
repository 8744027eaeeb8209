"""What an edit changed, word by word: for people who ask what an article said before. Pure.

Paragraphs are compared first, then the words of those that differ: a moved paragraph is one passage, not a hundred.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

#: words of one passage that are compared one by one; a longer one is shown as replaced whole. What is compared grows
#: with the square of the length, and a page made for it must not hold up whoever looks at it
MOST_WORDS = 2_000
_CONTEXT = 6  #: words shown before a change


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Words that one version has in place of another's."""

    field: str  #: "title" or "text"
    after: str  #: the words just before it, the same in both; "" at the start
    removed: str  #: "" where words were only added
    added: str  #: "" where words were only taken out


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """All that changed from one version to the next."""

    changes: tuple[Change, ...]

    @property
    def words_removed(self) -> int:
        return sum(len(change.removed.split()) for change in self.changes)

    @property
    def words_added(self) -> int:
        return sum(len(change.added.split()) for change in self.changes)


def edit_between(before: tuple[str, str], after: tuple[str, str]) -> Edit:
    """What changed between two versions, each (title, text). No change where only spaces and line breaks differ."""
    changes = [*_changes("title", [before[0]], [after[0]])]
    changes += _changes("text", _paragraphs(before[1]), _paragraphs(after[1]))
    return Edit(changes=tuple(changes))


def _paragraphs(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


def _changes(field: str, old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    for kind, low, high, start, end in SequenceMatcher(None, old, new).get_opcodes():
        if kind != "equal":
            before = new[start - 1].split() if start else []
            yield from _word_changes(field, before, " ".join(old[low:high]).split(), " ".join(new[start:end]).split())


def _word_changes(field: str, before: Sequence[str], old: Sequence[str], new: Sequence[str]) -> Iterator[Change]:
    head = _shared(old, new)
    tail = _shared(old[head:][::-1], new[head:][::-1])
    middle_old, middle_new = old[head : len(old) - tail], new[head : len(new) - tail]
    context = [*before, *new[:head]]
    if not middle_old and not middle_new:
        return
    if max(len(middle_old), len(middle_new)) > MOST_WORDS:
        yield _change(field, context, middle_old, middle_new)
        return
    for kind, low, high, start, end in SequenceMatcher(None, middle_old, middle_new).get_opcodes():
        if kind != "equal":
            yield _change(field, [*context, *middle_new[:start]], middle_old[low:high], middle_new[start:end])


def _shared(old: Sequence[str], new: Sequence[str]) -> int:
    """How many words both begin with."""
    most = min(len(old), len(new))
    return next((place for place in range(most) if old[place] != new[place]), most)


def _change(field: str, context: Sequence[str], removed: Sequence[str], added: Sequence[str]) -> Change:
    return Change(field=field, after=" ".join(context[-_CONTEXT:]), removed=" ".join(removed), added=" ".join(added))
