"""Why: the strongest parts of the score as sentences that people read beside an alert."""

from __future__ import annotations

from alerts.classifier.model import Model
from alerts.classifier.reading import Reading

MOST = 6  #: reasons told; the rest moves little
SMALLEST = 0.15  #: parts of the score (log-odds) below this go untold


def reasons_of(model: Model, reading: Reading) -> tuple[str, ...]:
    """Up to six sentences, strongest first, each starting with "for: " or "against: "."""
    told: list[str] = []
    for name, part in model.parts(reading.values):
        if abs(part) < SMALLEST or len(told) >= MOST:
            break
        told.append(f"{'for' if part > 0 else 'against'}: {describe(name)}")
    return tuple(told)


def describe(name: str) -> str:
    """What a feature found, as a sentence."""
    if name in _WHOLE:
        return _WHOLE[name]
    for suffix, more in _BESIDE.items():
        if name.endswith(suffix):
            return describe(name.removesuffix(suffix)) + more
    if name.startswith("buried_"):
        return describe(name.removeprefix("buried_")) + ", in the body alone"
    for prefix, topic in _TOPICS.items():
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            told = _WHOLE.get(rest) or _WHERE.get(rest)
            return f"the headline is about {topic}" + (f", and {told}" if told else "")
    return _of_place(name)


def _of_place(name: str) -> str:
    """What a feature of one part of the text found."""
    where, _, what = name.partition("_")
    place = _PLACES.get(where, "the text")
    for kind, words in _KINDS.items():
        if what.startswith(f"{kind}_"):
            state = what.removeprefix(f"{kind}_").removeprefix("carried_")
            return f"{place} {words}{_STATES.get(state, '')}"
    if what.startswith("has_"):
        return f"{place} names {_TARGETS.get(what.removeprefix('has_'), what)}"
    if what.startswith("on_"):
        return f"{place} tells an attack on the watch beside words that {_WORDS.get(what.removeprefix('on_'), what)}"
    if what == "weapon":
        return f"{place} names a weapon"
    if what in _LATER:
        return f"{place} {_LATER[what]}"
    return f"{place} has words that {_WORDS.get(what, 'say: ' + what.replace('_', ' '))}"


_BESIDE = {"_beside": " beside a fresh attack", "_alone": " without a fresh attack beside"}
_PLACES = {"title": "the headline", "lead": "the opening", "body": "the body", "flash": "this short text"}
_KINDS = {
    "on_protected": "tells an attack on a watched site or force",
    "on_other": "tells an attack on somebody else",
    "on_ship": "tells an attack on a ship",
    "on_mission": "tells an attack on a mission of no stated nation",
    "on_base": "tells an attack on a base of no stated nation",
    "by_protected": "tells an act of the watched forces themselves",
}
_STATES = {
    "clean": ", as news",
    "plain": ", plainly asserted",
    "dated": ", dated to these days",
    "kinetic": ", with a weapon on its way",
    "noverb": ", without a verb of attack",
    "dirty": ", but denied, threatened, drilled, counted or remembered",
    "weak": ", but only by hint",
    "weak_armed": ", by a weapon beside words it does not know",
    "weak_stirred": ", by what fell, flew or was shot down",
    "weak_heard": ", by a noise or less",
    "old": ", but of long ago",
    "recent": ", of the last days",
    "rival": ", but another target stands closer",
    "plural": ", of several at once",
}
_TARGETS = {
    "site": "a site of the watch",
    "base": "a base",
    "force": "forces",
    "diplomatic": "a diplomatic mission",
    "convoy": "a convoy",
    "other": "a target outside the watch",
    "facility": "a civil facility",
    "ship": "a ship",
    "hostile": "a target among the attackers",
}
_TOPICS = {
    "attack_": "a new attack on the watch",
    "answer_": "an act of the watched forces",
    "turned_": "something other than a fresh attack",
    "others_": "an attack on others",
    "unsaid_": "none of these",
    "topic_attack": "a new attack on the watch",
    "topic_answer": "an act of the watched forces",
    "topic_turned": "something other than a fresh attack",
    "topic_others": "an attack on others",
    "topic_unsaid": "none of these",
}
_WHOLE = {
    "clean_any": "some sentence tells a fresh attack on the watch",
    "clean_dated_any": "some sentence tells such an attack and names its day",
    "clean_plain_any": "some sentence asserts such an attack plainly",
    "clean_single_any": "some sentence tells one such attack, not many",
    "clean_site_any": "some sentence tells such an attack on a named site",
    "clean_count": "several sentences tell such an attack",
    "many_sites": "four or more sites are named as targets",
    "no_target": "no sentence tells an attack on the watch",
    "flash": "the text is a flash of 40 words or fewer",
    "flash_clean_any": "this short text tells a fresh attack on the watch",
    "flash_clean_plain_any": "this short text asserts such an attack plainly",
    "flash_no_target": "this short text tells no attack on the watch",
    "later_any": "the opening tells what came of an attack of the last seven days",
    "title_disowned": "the headline has an attacker deny that it was he",
    "lead_disowned": "the opening has an attacker deny that it was he",
}
_LATER = {
    "of_these_days": "comes back to an attack of the last seven days",
    "toll_of_these_days": "tells the toll of an attack of the last seven days",
}
_WHERE = {
    "clean_in_title": "it says so itself",
    "clean_in_lead": "the opening tells a fresh attack on the watch",
    "clean_in_body": "the body tells a fresh attack on the watch",
    "dated_in_title": "it names the day of such an attack",
    "dated_in_lead": "the opening tells such an attack and names its day",
    "dated_in_body": "the body tells such an attack and names its day",
    "of_these_days": "the text comes back to an attack of the last seven days",
}
_WORDS = {
    "asked": "ask rather than tell",
    "column": "belong to a column or a podcast",
    "harm_denied": "deny that anybody was hurt",
    "own_act": "tell a strike of the protected side",
    "theirs": "give the base to others",
    "deny": "deny",
    "false": "call a report false",
    "recycled": "call it an old picture or film",
    "retract": "withdraw a report",
    "threat": "threaten or warn",
    "hypothetical": "say what might happen",
    "drill": "speak of a drill or a test",
    "tally": "count attacks",
    "since": "look back over a period",
    "repeat": "speak of repeated attacks",
    "earlier": "tell of an earlier one",
    "anniversary": "remember a past one",
    "analysis": "explain or argue",
    "court": "speak of a court",
    "base_news": "tell other news of a base",
    "diplomacy": "speak of diplomacy",
    "condemn": "condemn it",
    "response": "tell the answer to it",
    "ownstrike": "tell a strike by the watched forces",
    "noclaim": "say that nobody claimed it",
    "claim": "claim it",
    "unknown_cause": "leave the cause open",
    "nature": "name weather or an accident",
    "signal": "speak of sirens or noises",
    "question": "ask a question",
    "cause": "name the cause",
    "intercept": "tell an interception",
    "attack": "name an attack",
    "attack_verb": "say that something was attacked",
    "passive": "say that something was attacked",
    "launch": "tell a launch",
    "fall": "say that something fell",
    "explosion": "tell an explosion",
    "another": "call it one more",
    "killed": "tell of dead",
    "injured": "tell of injured",
    "none_hurt": "say that nobody was hurt",
    "hit": "tell a hit",
    "breaking": "mark it as urgent",
    "toll": "tell its toll",
    "arrest": "tell of arrests",
    "disowned": "have an attacker deny that it was he",
}
