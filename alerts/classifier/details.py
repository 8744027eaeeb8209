"""What was used, how many, what came of it and who was hurt: read from the sentences that tell one attack."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from alerts.classifier.scan import Hit, Scan
from alerts.classifier.sentences import Sentence
from alerts.classifier.targets import OURS, WEAPONS, Target, gap
from core.values import Weapon

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
ENDS = frozenset({"intercept", "fall", "hit", "struck", "missed"})  #: what becomes of a munition
EITHER = "w_either"  #: one word for rocket and missile (صاروخ, ракета)
#: Where militias fire, the word that means both is a rocket; elsewhere only states fire, and theirs are missiles.
ROCKET_COUNTRIES = frozenset({"IQ", "SY"})
STATES = frozenset({"iran", "irgc"})
COUNTED = WEAPONS - {"w_gunfire"}  #: "five attackers shot dead" counts no munitions
MAX_COUNT = 400  #: more munitions than this is a tally
NUMBER_REACH = 24  #: characters between a number and its weapon ("five or more Katyusha rockets")
CASUALTY_REACH = 60
PEOPLE_REACH = 24  #: characters between a number and the people it counts ("двое американских солдат")
#: sentences whose dead and wounded are of other days, or of the answer to the attack
ELSEWHERE = frozenset({"since", "anniversary", "repeat", "ownstrike"})


def weapons_of(tellings: Sequence[Sequence[Hit]], country: str | None, states: bool) -> tuple[Weapon, ...]:
    """Weapons of the first telling that names any, sorted; () where none does.

    A telling is the weapon words of one sentence that belong to the attack, the most telling sentence first.
    """
    for hits in tellings:
        found = _weapons(hits, rockets=country in ROCKET_COUNTRIES and not states)
        if Weapon.MISSILE in found:
            kinds = {name for others in tellings for hit in others for name in hit.entry.classes}
            found = {_kind_of_missile(kinds) if weapon is Weapon.MISSILE else weapon for weapon in found}
        if found:
            return tuple(sorted(found))
    return ()


def _kind_of_missile(kinds: set[str]) -> Weapon:
    """What "missiles" are: ballistic ones, or rockets, where another sentence calls them so."""
    if "w_ballistic" in kinds:
        return Weapon.BALLISTIC_MISSILE
    return Weapon.ROCKET if "w_rocket" in kinds else Weapon.MISSILE


def _weapons(hits: Sequence[Hit], *, rockets: bool) -> set[Weapon]:
    names = {name for hit in hits for name in hit.entry.classes & WEAPONS}
    found = {WEAPON_OF[name] for name in names if name in WEAPON_OF}
    if EITHER in names and not found & {Weapon.ROCKET, Weapon.MISSILE, Weapon.BALLISTIC_MISSILE}:
        found.add(Weapon.ROCKET if rockets else Weapon.MISSILE)
    if Weapon.BALLISTIC_MISSILE in found:
        found.discard(Weapon.MISSILE)
    if Weapon.ROCKET in found and rockets:
        found.discard(Weapon.MISSILE)  # reports of militia fire use both words for the same rockets
    if Weapon.DRONE in found:
        found.discard(Weapon.IED)  # "bomb-laden drone"
    if len(found) > 1:
        found.discard(Weapon.GUNFIRE)
    return found


def count_of(scan: Scan, sentences: Sequence[Sentence]) -> tuple[int | None, Hit | None]:
    """How many munitions, and the weapon word that the number stands beside.

    The first number above one wins; a single weapon counts as one only where no other word speaks of several.
    """
    single: tuple[int, Hit] | None = None
    several = False
    for sentence in sentences:
        for index, hit in enumerate(sentence.hits):
            if not hit.entry.classes & COUNTED or "defence" in hit.entry.classes:
                continue
            number = _number_beside(scan, sentence.hits, index)
            own = hit.entry.number
            if (number or own or 0) > 1:
                return number if number and number > 1 else own, hit
            modifies = _modifies(sentence.hits, index)
            if number is None and own is None and not modifies and sentence.position != "body":
                several = several or _is_plural(scan, hit)
            if single is None and (number == 1 or own == 1) and not modifies:
                single = (1, hit)
    if single is None or several:
        return None, None
    return (2, single[1]) if any(_tells_a_second(sentence, single[1]) for sentence in sentences) else single


def _tells_a_second(sentence: Sentence, first: Hit) -> bool:
    """ "a second drone was shot down": a sentence below the first that tells what became of one more."""
    if sentence.start <= first.start or sentence.classes & ELSEWHERE or not sentence.classes & ENDS:
        return False
    for index, hit in enumerate(sentence.hits):
        if not hit.entry.classes & COUNTED or _modifies(sentence.hits, index):
            continue
        beside = sentence.hits[max(0, index - 1) : index] + sentence.hits[index + 1 : index + 2]
        if any(
            "another" in other.entry.classes and max(other.start - hit.word_end, hit.start - other.word_end) <= 1
            for other in beside
        ):
            return True
    return False


def _is_plural(scan: Scan, hit: Hit) -> bool:
    """Whether the word itself says that there were several; where the language does not tell, it may."""
    word = scan.plain.text[hit.start : hit.word_end]
    return not scan.plurals or word.endswith(scan.plurals)


def _number_beside(scan: Scan, hits: Sequence[Hit], index: int) -> int | None:
    """The number that counts a weapon: digits or a number word shortly before it, the nearest."""
    hit = hits[index]
    best: tuple[int, int] | None = None
    start = max(0, hit.start - NUMBER_REACH)
    words = [word for word in scan.plain.text[start : hit.start].split(" ")[1 if start else 0 :] if word]
    for back, word in enumerate(reversed(words)):
        clock = back + 1 < len(words) and words[-back - 2].isdigit()
        if word.isdigit() and len(word) <= 3:
            value = int(word)
            reach = sum(len(w) + 1 for w in words[len(words) - back :])
            named = _is_named(scan, hit.start - reach - len(word) - 1)
            if _counts_people(hits, hit.start - reach, hit.start):
                break
            if back <= 2 and not (clock or named) and 0 < value <= MAX_COUNT and not _is_date(hits, hit, value):
                best = (reach, value)
            break
    for other in reversed(hits[:index]):
        gap = hit.start - other.word_end
        if gap > NUMBER_REACH - 6 or (best is not None and gap > best[0]):
            break
        if other.entry.month is not None or other.entry.jalali is not None or other.entry.weekday is not None:
            break  # "the one of November 21 with missiles"
        if other.entry.number is not None and not other.entry.classes & (WEAPONS | {"force"}):
            return other.entry.number
        if other.entry.classes & (WEAPONS | {"attack", "base", "force", "from"}) or other.entry.site:
            break
    return best[1] if best is not None else None


def _counts_people(hits: Sequence[Hit], start: int, end: int) -> bool:
    """ "24 others hurt in a drone attack": what stands between a number and the weapon says whom it counts."""
    between = [hit for hit in hits if start <= hit.start and hit.word_end <= end]
    return any(hit.entry.classes & {"attack", "force", "injured", "killed"} - WEAPONS for hit in between)


def _is_named(scan: Scan, position: int) -> bool:
    """Whether the number at a position is part of a name such as "AC-130"."""
    at = scan.plain.offsets[position]
    return at >= 2 and scan.raw[at - 1] in "-–" and scan.raw[at - 2].isalpha()


def _is_date(hits: Sequence[Hit], weapon: Hit, value: int) -> bool:
    return any(
        (h.entry.month is not None or h.entry.jalali is not None) and 0 <= weapon.start - h.start < 30 and value <= 31
        for h in hits
    )


def _modifies(hits: Sequence[Hit], index: int) -> bool:
    """ "drone attack": the weapon only says what kind of attack, not how many."""
    hit = hits[index]
    if "attack" in hit.entry.classes:
        return True
    after = hits[index + 1 : index + 3]
    return any(o.entry.classes & {"attack", "defence", "base"} and 0 <= o.start - hit.word_end <= 1 for o in after)


@dataclass(frozen=True, slots=True)
class Harm:
    """Casualties of one attack; None where not stated."""

    killed: int | None = None  #: of the protected side and its coalition
    injured: int | None = None
    killed_others: int | None = None  #: local forces and civilians
    injured_others: int | None = None


def casualties_of(scan: Scan, sentences: Sequence[Sentence]) -> Harm:
    """Who was hurt, as far as sentences that tell the attack itself say; those of other days do not count."""
    found: dict[str, int] = {}
    for sentence in sentences:
        if sentence.classes & ELSEWHERE or any(mention.old for mention in sentence.times):
            continue
        if "none_hurt" in sentence.classes:
            found.setdefault("injured", 0)
        if sentence.classes & {"none_hurt", "none_killed"}:
            found.setdefault("killed", 0)
        ours_named = any(_are_ours(t) and t.kind != "convoy" for t in sentence.targets)
        for index, hit in enumerate(sentence.hits):
            kind = next((name for name in ("killed", "injured") if name in hit.entry.classes), None)
            toll = _toll(scan, sentence, index) if kind is not None else None
            if kind is None or toll is None:
                continue
            ours = _ours(sentence, hit, ours_named)
            if ours is None:
                continue
            name = kind if ours else f"{kind}_others"
            found[name] = found.get(name) or toll
    return Harm(**found)


def _are_ours(target: Target) -> bool:
    """Whether a noun group names people of the protected side, behind the name of a base too."""
    if target.protected and target.kind in ("force", "side", "convoy"):
        return True
    return target.site is not None and "force" in target.classes and bool(target.classes & OURS)


def _ours(sentence: Sentence, hit: Hit, ours_named: bool) -> bool | None:
    """Whether a word of death or injury is about the protected side; None where it is about the attackers.

    Where no people of others stand nearer, what a sentence says of protected people is theirs.
    """
    ours = [gap(t, hit) for t in sentence.targets if _are_ours(t)]
    others = [
        gap(t, hit)
        for t in sentence.targets
        if t.kind in ("nation", "other", "force") and not t.protected and t.role != "speaker"
    ]
    foes = [gap(t, hit) for t in sentence.targets if t.kind == "hostile"]
    if foes and min(foes) < min([*ours, *others, CASUALTY_REACH]):
        return None
    if others and min(others) < min([*ours, CASUALTY_REACH]):
        return False
    return ours_named


def _toll(scan: Scan, sentence: Sentence, index: int) -> int | None:
    """The number of people that a word of death or injury tells, with no weapon between.

    "One was killed and three were injured" puts each number before its word, "kills one, injures three" behind it:
    which of the two a sentence does shows in what comes first. Only where that side has no number is the other asked.
    """
    hit = sentence.hits[index]
    harms = [h for h in sentence.hits if h.entry.classes & {"killed", "injured"}]
    before = max((h.word_end for h in harms if h.word_end <= hit.start), default=sentence.start)
    behind = min((h.start for h in harms if h.start >= hit.word_end), default=sentence.end)
    best: tuple[int, int] | None = None
    numbers = _people(scan, sentence)
    lead = bool(numbers) and min(at for at, _ in numbers) < min(h.start for h in harms)
    for at, number in numbers:
        far = min(abs(at - hit.start), abs(at - hit.word_end))
        if far > CASUALTY_REACH or number > MAX_COUNT or not _is_toll(sentence, at):
            continue
        low, high = sorted((at, hit.start))
        if any(low < clause <= high for clause in scan.clause_breaks):
            far += CASUALTY_REACH  # "three troops wounded, one critically"
        if not (before <= at < hit.start if lead else hit.start <= at < behind):
            far += 2 * CASUALTY_REACH
        if best is None or far < best[0]:
            best = (far, number)
    return best[1] if best is not None else None


def _people(scan: Scan, sentence: Sentence) -> list[tuple[int, int]]:
    """Where a sentence has numbers that may count people, and which; those within a name ("Tower 22") do not."""
    numbers = [
        (at, int(word))
        for at, word in _words(scan.plain.text, sentence.start, sentence.end)
        if word.isdigit() and len(word) <= 3
    ]
    counted = [h for h in sentence.hits if h.entry.number is not None and not h.entry.classes & WEAPONS]
    numbers += [
        (first.start, first.entry.number or 0)
        for first, second in zip_longest(counted, counted[1:])
        if (second is None or second.start - first.word_end > 1)  # "a dozen" is twelve
        and not scan.plain.text[: first.start].rstrip()[-1:].isdigit()  # "100 soldier", as some languages count
    ]
    names = [(h.start, h.word_end) for h in sentence.hits if h.entry.number is None]
    return [(at, n) for at, n in numbers if not any(start < at < end for start, end in names)]


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
        if 0 <= gap <= PEOPLE_REACH and hit.entry.classes & {"force", "killed", "injured"}:
            return True
        if 0 < gap <= PEOPLE_REACH and "half" in hit.entry.classes:
            return True  # "four others"
        if 0 < gap <= 3 and "protected" in hit.entry.classes and not _heads_a_noun(sentence, hit):
            return True  # "two Americans", not "two American bases"
        if 0 < gap <= 18 and (hit.entry.classes & (WEAPONS | {"attack"}) or hit.entry.month or hit.entry.jalali):
            return False
    return not any(abs(h.start - position) <= 12 and (h.entry.month or h.entry.jalali) for h in sentence.hits)


def _heads_a_noun(sentence: Sentence, side: Hit) -> bool:
    after = (hit for hit in sentence.hits if 0 < hit.start - side.word_end <= 1)
    return any(hit.entry.site or hit.entry.classes & {"base", "diplomatic", "convoy", "attack"} for hit in after)
