"""What was used, how many, what came of it and who was hurt: read from the sentences that tell one attack."""

from __future__ import annotations

from collections.abc import Sequence

from alerts.classifier.frames import Sentence
from alerts.classifier.scan import Hit, Scan
from alerts.classifier.targets import WEAPONS
from core.values import Outcome, Weapon

WEAPON_OF = {
    "w_drone": Weapon.DRONE,
    "w_rocket": Weapon.ROCKET,
    "w_missile": Weapon.MISSILE,
    "w_ballistic": Weapon.BALLISTIC_MISSILE,
    "w_mortar": Weapon.MORTAR,
    "w_ied": Weapon.IED,
    "w_gunfire": Weapon.GUNFIRE,
    "w_vehicle": Weapon.SUICIDE_VEHICLE,
}
EITHER = "w_either"  #: one word for rocket and missile (صاروخ, ракета)
#: Where militias fire, the word that means both is a rocket; elsewhere only states fire, and theirs are missiles.
ROCKET_COUNTRIES = frozenset({"IQ", "SY"})
STATES = frozenset({"iran", "irgc"})
MAX_COUNT = 400  #: more munitions than this is a tally
NUMBER_REACH = 24  #: characters between a number and its weapon ("five or more Katyusha rockets")
CASUALTY_REACH = 60


def weapons_of(sentences: Sequence[Sentence], country: str | None, states: bool) -> tuple[Weapon, ...]:
    """Weapons named in the sentences, sorted; () where none is named."""
    found: set[Weapon] = set()
    for sentence in sentences:
        for hit in sentence.hits:
            for name in hit.entry.classes & WEAPONS:
                if name in WEAPON_OF:
                    found.add(WEAPON_OF[name])
                elif name == EITHER:
                    rocket = country in ROCKET_COUNTRIES and not states
                    found.add(Weapon.ROCKET if rocket else Weapon.MISSILE)
    if Weapon.BALLISTIC_MISSILE in found:
        found.discard(Weapon.MISSILE)
    if len(found) > 1:
        found.discard(Weapon.GUNFIRE)
    return tuple(sorted(found))


def count_of(scan: Scan, sentences: Sequence[Sentence]) -> tuple[int | None, Hit | None]:
    """How many munitions, and the weapon word that the number stands beside; the first plain number wins."""
    single: tuple[int, Hit] | None = None
    for sentence in sentences:
        for index, hit in enumerate(sentence.hits):
            if not hit.entry.classes & WEAPONS:
                continue
            number = _number_beside(scan, sentence.hits, index)
            if number is not None and number > 1:
                return number, hit
            own = hit.entry.number
            if own is not None and own > 1:
                return own, hit
            if single is None and (number == 1 or own == 1) and not _modifies(sentence.hits, index):
                single = (1, hit)
    return single if single is not None else (None, None)


def _number_beside(scan: Scan, hits: Sequence[Hit], index: int) -> int | None:
    """The number that counts a weapon: digits or a number word shortly before it."""
    hit = hits[index]
    start = max(0, hit.start - NUMBER_REACH)
    words = scan.plain.text[start : hit.start].split(" ")[1 if start else 0 :]
    for back, word in enumerate(reversed([w for w in words if w])):
        if back > 3:
            break
        if word.isdigit() and len(word) <= 3:
            value = int(word)
            if 0 < value <= MAX_COUNT and not _is_date(hits, hit, value):
                return value
            return None
    for other in reversed(hits[:index]):
        if hit.start - other.word_end > NUMBER_REACH - 6:
            break
        if other.entry.classes & (WEAPONS | {"attack", "base", "force", "from"}) or other.entry.site:
            break
        if other.entry.number is not None:
            return other.entry.number
    return None


def _is_date(hits: Sequence[Hit], weapon: Hit, value: int) -> bool:
    return any(
        (h.entry.month is not None or h.entry.jalali is not None) and 0 <= weapon.start - h.start < 30 and value <= 31
        for h in hits
    )


def _modifies(hits: Sequence[Hit], index: int) -> bool:
    """ "drone attack": the weapon only says what kind of attack, not how many."""
    hit = hits[index]
    return any(
        "attack" in other.entry.classes and 0 <= other.start - hit.word_end <= 1
        for other in hits[index + 1 : index + 3]
    )


def outcome_of(sentences: Sequence[Sentence]) -> Outcome:
    """What became of the attack, from the words of interception, impact and miss."""
    classes: set[str] = set()
    for sentence in sentences:
        classes |= sentence.classes
    impact = bool(classes & {"hit"}) or (("killed" in classes or "injured" in classes) and "none_hurt" not in classes)
    stopped = "intercept" in classes
    if stopped:
        if "half" in classes and "all_down" not in classes:
            return Outcome.PARTLY_INTERCEPTED
        return Outcome.INTERCEPTED
    if "hit" in classes and not ("missed" in classes and "no_damage" in classes):
        return Outcome.HIT
    if "foiled" in classes:
        return Outcome.FOILED
    if "missed" in classes:
        return Outcome.MISSED
    if impact:
        return Outcome.HIT
    return Outcome.UNKNOWN


def casualties_of(scan: Scan, sentences: Sequence[Sentence]) -> tuple[int | None, int | None]:
    """Killed and injured of the protected side; None where not stated."""
    killed: int | None = None
    injured: int | None = None
    for sentence in sentences:
        if sentence.classes & {"none_hurt"}:
            injured = 0 if injured is None else injured
            killed = 0 if killed is None else killed
        elif "none_killed" in sentence.classes:
            killed = 0 if killed is None else killed
        if not any(t.protected and t.kind in ("force", "side") for t in sentence.targets):
            continue
        for index, hit in enumerate(sentence.hits):
            if "killed" in hit.entry.classes and not killed:
                killed = _toll(scan, sentence, index) or killed
            elif "injured" in hit.entry.classes and not injured:
                injured = _toll(scan, sentence, index) or injured
    return killed, injured


def _toll(scan: Scan, sentence: Sentence, index: int) -> int | None:
    """The number of people nearest to a word of death or injury, with no weapon between."""
    hit = sentence.hits[index]
    best: tuple[int, int] | None = None
    position = max(sentence.start, hit.start - CASUALTY_REACH)
    end = min(sentence.end, hit.word_end + CASUALTY_REACH)
    for word_start, word in _words(scan.plain.text, position, end):
        if word.isdigit() and len(word) <= 3 and int(word) <= MAX_COUNT:
            gap = min(abs(word_start - hit.start), abs(word_start - hit.word_end))
            if _is_toll(sentence, word_start) and (best is None or gap < best[0]):
                best = (gap, int(word))
    for other in sentence.hits:
        if other.entry.number is not None and not other.entry.classes & WEAPONS:
            gap = min(abs(other.start - hit.start), abs(other.start - hit.word_end))
            if gap <= CASUALTY_REACH and _is_toll(sentence, other.start) and (best is None or gap < best[0]):
                best = (gap, other.entry.number)
    return best[1] if best is not None else None


def _words(text: str, start: int, end: int) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for word in text[start:end].split(" "):
        found.append((start, word))
        start += len(word) + 1
    return found


def _is_toll(sentence: Sentence, position: int) -> bool:
    """Whether a number counts people rather than munitions, days or attacks."""
    for hit in sentence.hits:
        gap = hit.start - position
        if 0 <= gap <= 18 and hit.entry.classes & {"force"}:
            return True
        if 0 < gap <= 18 and (hit.entry.classes & (WEAPONS | {"attack"}) or hit.entry.month or hit.entry.jalali):
            return False
    return not any(abs(h.start - position) <= 12 and (h.entry.month or h.entry.jalali) for h in sentence.hits)
