"""What people decide about incidents: merged, split, withdrawn, confirmed, edited, missed; and each taken back.

::

    checked against what stands | recorded, with who and why | reports moved, links kept for the matcher
      | facts kept anew | those who got the alert are told, in the same transaction

A decision holds until it is undone: the matcher obeys its links, and later reports do not change what it set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from alerts import ledger
from alerts.decisions import (
    Outcome,
    Who,
    check_undoable,
    home_of,
    no_verdict,
    outcome_of,
    record_decision,
    reports_of,
    shown,
    standing,
    star,
)
from alerts.desk import Seating, ref_of, teller_of
from alerts.mentions import BY_PEOPLE, mentions_of
from alerts.notices import edited, merged_into, restored, split_into
from alerts.rulings import (
    CONFIRM,
    DESK,
    EDIT,
    FALSE_ALARM,
    MERGE,
    MISSED,
    RETRACT,
    SPLIT,
    UNDO,
    parse_edit,
    value_of,
)
from alerts.telling import House, Telling, Turn
from config.outlets import Outlet
from core.documents import Change
from core.errors import InputError
from core.values import Attack, Label, Mention, Status, Verdict
from storage import incidents, people
from storage.codec import attack_to_json
from storage.incidents import public_id
from storage.neighbours import drop_report, reports_of_article, severity_of
from storage.values import DecisionSeed, DecisionView, FactSeed, StoredArticle


class People:
    """Carries out what people decide, for one house, in the caller's transaction."""

    def __init__(self, house: House, outlets: Mapping[str, Outlet]) -> None:
        self._house, self._outlets = house, outlets

    # -- merge and split ----------------------------------------------------------------------------------------------

    def merge(self, session: Session, loser: str, winner: str, who: Who, now: datetime) -> Outcome:
        """The reports of ``loser`` go to ``winner``, for they tell of one attack; the id of ``loser`` leads there."""
        gone, kept = standing(session, loser), standing(session, winner)
        if gone == kept:
            raise InputError(f"{public_id(gone)} cannot be merged into itself.")
        mine, theirs = reports_of(session, gone), reports_of(session, kept)
        detail = {
            "loser": gone,
            "winner": kept,
            "articles": sorted({m.article_id for m in mine}),
            "merged": people.merged_into(session, gone),
        }
        decision = record_decision(session, MERGE, who, now, kept, detail)
        people.add_links(session, decision, "must", star(mine, theirs))
        turn = Turn(session, now, word=who.reason)
        self._join(turn, gone, kept, mine, theirs)
        return outcome_of(decision, turn, kept)

    def _join(self, turn: Turn, gone: int, kept: int, mine: Sequence[Mention], theirs: Sequence[Mention]) -> None:
        telling = Telling(self._house, turn)
        told = telling.told(gone)
        turn.rings.clear()
        incidents.merge_incidents(turn.session, gone, kept, turn.now)
        telling.change(kept, (*theirs, *mine) if told.anything else theirs, (*theirs, *mine))
        telling.correct(gone, merged_into(public_id(kept), told), shown=kept)

    def split(self, session: Session, incident: str, articles: Collection[int], who: Who, now: datetime) -> Outcome:
        """The reports of these articles become an incident of their own."""
        source = standing(session, incident)
        before = reports_of(session, source)
        unknown = sorted(set(articles) - {m.article_id for m in before})
        if unknown:
            raise InputError(
                f"{public_id(source)} holds no report {', '.join(map(str, unknown))}; "
                f"`basewatch incidents show {public_id(source)}` shows their numbers."
            )
        part = [m for m in before if m.article_id in articles]
        rest = [m for m in before if m.article_id not in articles]
        if not part or not rest:
            raise InputError("A split leaves at least one report on each side: name some of the reports, not all.")
        turn = Turn(session, now, word=who.reason)
        telling = Telling(self._house, turn)
        made, assessed = telling.open(part)
        chosen = sorted({m.article_id for m in part})
        decision = record_decision(
            session, SPLIT, who, now, source, {"source": source, "made": made, "articles": chosen}
        )
        people.add_links(session, decision, "must", star(part, ()))
        people.add_links(session, decision, "cannot", ((ref_of(a), ref_of(b)) for a in part for b in rest))
        self._give(turn, part, source, made, "split-by-people")
        told = telling.told(source)
        telling.decide(made, None, assessed, part, source)
        telling.change(source, before, rest)
        telling.correct(source, split_into((public_id(made),), told), shown=source)
        return outcome_of(decision, turn, source, made)

    @staticmethod
    def _give(turn: Turn, mentions: Iterable[Mention], source: int, target: int, reason: str) -> None:
        """Move these reports with what they state, and record on both sides why."""
        mentions = list(mentions)
        people.move_articles(turn.session, source, target, {m.article_id for m in mentions})
        gone = [ledger.moved_to(mention, public_id(target)) for mention in mentions]
        incidents.add_fact(turn.session, source, gone, turn.now)
        came = [
            FactSeed(
                field=ledger.PLACED,
                value={"reason": reason, "url": m.extra.get("url")},
                article_id=m.article_id,
                version=m.version,
            )
            for m in mentions
        ]
        incidents.add_fact(turn.session, target, came, turn.now)

    # -- status and facts ---------------------------------------------------------------------------------------------

    def retract(
        self, session: Session, incident: str, who: Who, now: datetime, *, false_alarm: bool = False
    ) -> Outcome:
        """The attack did not happen, or is none of ours: withdrawn for whoever was told.

        ``false_alarm`` says beside that its articles should never have been taken for an attack: they become a lesson.
        """
        found = standing(session, incident)
        articles = sorted({(m.article_id, m.version) for m in reports_of(session, found)})
        kind = FALSE_ALARM if false_alarm else RETRACT
        return self._rule(session, found, kind, {"articles": [list(pair) for pair in articles]}, who, now)

    def confirm(self, session: Session, incident: str, who: Who, now: datetime) -> Outcome:
        """People know that it happened: confirmed, on their word, which the notices say."""
        return self._rule(session, standing(session, incident), CONFIRM, {}, who, now)

    def _rule(
        self, session: Session, incident_id: int, kind: str, detail: dict[str, Any], who: Who, now: datetime
    ) -> Outcome:
        turn = Turn(session, now, word=who.reason)
        status = {CONFIRM: Status.CONFIRMED}.get(kind, Status.RETRACTED)
        if Telling(self._house, turn).rulings(incident_id).status is status and kind != FALSE_ALARM:
            raise InputError(f"People have said so of {public_id(incident_id)} already.")
        turn.rulings.clear()
        decision = self._reassess(turn, incident_id, DecisionSeed(kind=kind, by=who.by, reason=who.reason,
                                                                  incident_id=incident_id, detail=detail))  # fmt: skip
        return outcome_of(decision, turn, incident_id)

    def _reassess(self, turn: Turn, incident_id: int, seed: DecisionSeed) -> int:
        """Record a decision about an incident's status, keep what follows, and tell it; the decision's id."""
        telling = Telling(self._house, turn)
        mentions = reports_of(turn.session, incident_id)
        old = telling.assess(mentions, incident_id=incident_id)
        old = replace(old, severity=severity_of(turn.session, incident_id))
        decision = people.record(turn.session, seed, turn.now)
        turn.rulings.clear()
        new = telling.keep(incident_id, mentions)
        telling.decide(incident_id, old, new, mentions)
        return decision

    def edit(self, session: Session, incident: str, edits: Sequence[str], who: Who, now: datetime) -> Outcome:
        """Set facts of an incident ("killed=2", "base=harir"); they stay as set whatever later reports say."""
        found = standing(session, incident)
        fields = dict(parse_edit(text, self._house.watch) for text in edits)
        if not fields:
            raise InputError("Name at least one fact to set, as FIELD=VALUE.")
        seed = DecisionSeed(kind=EDIT, by=who.by, reason=who.reason, incident_id=found, detail={"fields": fields})
        turn = Turn(session, now, word=who.reason)
        decision = self._refit(turn, found, seed, sorted(fields))
        facts = [FactSeed(field=k, value=v, said_by=f"{who.by} ({DESK})", said_at=now) for k, v in fields.items()]
        incidents.add_fact(session, found, facts, now)
        return outcome_of(decision, turn, found)

    def _refit(self, turn: Turn, incident_id: int, seed: DecisionSeed, names: Sequence[str]) -> int:
        """Record a decision about an incident's facts, keep what follows, and correct what was told."""
        telling = Telling(self._house, turn)
        mentions = reports_of(turn.session, incident_id)
        old = telling.assess(mentions, incident_id=incident_id)
        old = replace(old, severity=severity_of(turn.session, incident_id))
        decision = people.record(turn.session, seed, turn.now)
        turn.rulings.clear()
        new = telling.keep(incident_id, mentions)
        pairs = [(n, value_of(old.facts, old.severity, n), value_of(new.facts, new.severity, n)) for n in names]
        changes = tuple(Change(field=n, before=shown(a), after=shown(b)) for n, a, b in pairs if a != b)
        notice = edited(
            old,
            new,
            changes,
            telling.told(incident_id),
            now=turn.now,
            zone=self._house.places.zone(Attack(base=new.facts.base, country=new.facts.country)),
            settings=self._house.settings.alerts,
        )
        telling.write(incident_id, notice, new, mentions)
        return decision

    # -- what was missed ----------------------------------------------------------------------------------------------

    def missed(
        self,
        session: Session,
        url: str,
        stored: StoredArticle | None,
        verdict: Verdict | None,
        attack: Attack | None,
        who: Who,
        now: datetime,
    ) -> Outcome:
        """The article at ``url`` tells of an attack that was not found.

        With the article stored and an attack known (named by people, or found by the classifier and thought unlikely)
        it joins or opens an incident; else it is only recorded.
        """
        detail: dict[str, Any] = {"url": url, "attack": attack_to_json(attack) if attack is not None else None}
        if stored is None:
            return Outcome(decision=record_decision(session, MISSED, who, now, None, detail))
        past = reports_of_article(session, stored.article_id)
        if past:
            home = public_id(past[0].incident_id or 0)
            raise InputError(f"That article is a report of {home} already; `basewatch incidents show {home}`.")
        told = self._told_by_people(stored, verdict, attack)
        decision = record_decision(session, MISSED, who, now, None, detail, stored.article_id)
        if not told:
            return Outcome(decision=decision)
        shown = replace(verdict or no_verdict(stored), reasons=(f"for: {DESK} says that it tells of an attack",))
        turn = Turn(session, now, stored, shown, word=who.reason)
        Seating(self._house, turn).seat([replace(m, extra={**m.extra, BY_PEOPLE: str(decision)}) for m in told], [])
        homes = {m.incident_id for m in reports_of_article(session, stored.article_id)}
        home_id = min(home for home in homes if home is not None)
        return outcome_of(decision, turn, home_id, turn.opened[0] if turn.opened else None)

    def _told_by_people(
        self, stored: StoredArticle, verdict: Verdict | None, attack: Attack | None
    ) -> tuple[Mention, ...]:
        found = (
            (attack,) if attack is not None else tuple(a for a in verdict.attacks if not a.denied) if verdict else ()
        )
        if not found:
            return ()
        lang = verdict.lang if verdict is not None else "und"
        sure = Verdict(label=Label.ATTACK, probability=1.0, lang=lang, attacks=found, model="people")
        return mentions_of(sure, teller_of(stored, self._outlets), self._house.settings.alerts)

    # -- taking back --------------------------------------------------------------------------------------------------

    def undo(self, session: Session, decision_id: int, who: Who, now: datetime) -> Outcome:
        """Take a decision back: what it set is void, what it moved goes back, and whoever was told hears of it."""
        decision = people.decision(session, decision_id)
        if decision is None:
            raise InputError(f"There is no decision {decision_id}. `basewatch incidents decisions` lists them.")
        check_undoable(session, decision)
        seed = DecisionSeed(
            kind=UNDO, by=who.by, reason=who.reason, incident_id=decision.incident_id, undoes=decision.id,
            article_id=decision.article_id,
        )  # fmt: skip
        turn = Turn(session, now, word=who.reason)
        match decision.kind:
            case "merge":
                return self._unmerge(turn, decision, seed)
            case "split":
                return self._unsplit(turn, decision, seed)
            case "edit":
                home = home_of(session, decision)
                return outcome_of(self._refit(turn, home, seed, sorted(decision.detail["fields"])), turn, home)
            case "missed":
                return self._unmiss(turn, decision, seed)
            case _:
                home = home_of(session, decision)
                return outcome_of(self._reassess(turn, home, seed), turn, home)

    def _unmerge(self, turn: Turn, decision: DecisionView, seed: DecisionSeed) -> Outcome:
        loser, winner = decision.detail["loser"], decision.detail["winner"]
        view = incidents.incident(turn.session, loser)
        before = reports_of(turn.session, winner)
        mine = [m for m in before if m.article_id in decision.detail["articles"]]
        rest = [m for m in before if m.article_id not in decision.detail["articles"]]
        if view is None or view.merged_into != winner or not mine or not rest:
            raise InputError(
                f"The reports of {public_id(loser)} have gone elsewhere since; "
                f"split them off instead: `basewatch incidents split {public_id(winner)} REPORT…`."
            )
        undone = people.record(turn.session, seed, turn.now)
        people.revive(turn.session, loser, decision.detail["merged"], turn.now)
        self._give(turn, mine, winner, loser, "merge-undone")
        telling = Telling(self._house, turn)
        told, told_of_loser = telling.told(winner), telling.told(loser)
        telling.change(winner, before, rest)
        telling.correct(winner, split_into((public_id(loser),), told), shown=winner)
        telling.change(loser, mine, mine)
        telling.correct(loser, restored(public_id(winner), told_of_loser), shown=loser)
        return outcome_of(undone, turn, winner, loser)

    def _unsplit(self, turn: Turn, decision: DecisionView, seed: DecisionSeed) -> Outcome:
        source, made = (standing(turn.session, public_id(decision.detail[name])) for name in ("source", "made"))
        mine, theirs = reports_of(turn.session, made), reports_of(turn.session, source)
        undone = people.record(turn.session, seed, turn.now)
        self._join(turn, made, source, mine, theirs)
        return outcome_of(undone, turn, source)

    def _unmiss(self, turn: Turn, decision: DecisionView, seed: DecisionSeed) -> Outcome:
        """Take the report back that people gave; an incident that has no other is withdrawn."""
        undone = people.record(turn.session, seed, turn.now)
        given = reports_of_article(turn.session, decision.article_id) if decision.article_id is not None else []
        telling = Telling(self._house, turn)
        home: int | None = None
        for mention in [m for m in given if m.extra.get(BY_PEOPLE) == str(decision.id)]:
            home = mention.incident_id
            assert home is not None  # it is stored
            before = incidents.mentions_of(turn.session, home)
            drop_report(turn.session, mention)
            telling.change(home, before, [m for m in before if ref_of(m) != ref_of(mention)])
        return outcome_of(undone, turn, home)
