"""Keeps an incident's facts and writes the notices that a change of it calls for, in the caller's transaction.

What to tell is decided by ``notices.py``; here the questions of the pure functions are answered from the database, and
their answer is written: document, notice, one delivery for each channel that takes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts.dispatch import dispatch
from alerts.document import Report, build_document, incident_part
from alerts.incidents import IncidentState, summarise
from alerts.notices import Assessed, NoticeDecision, Told, decide
from alerts.places import Places
from alerts.routes.operators import operators
from alerts.rulings import DESK, NOTHING, Rulings, gather, overrule
from alerts.severity import MANY_SITES_WITHIN, gravity
from alerts.status import official
from alerts.system import News, write_system_notice
from config.settings import Settings
from config.watch import Watch
from core.values import UNNAMED, Attack, Mention, NoticeKind, Status, TextReason, Verdict
from storage import articles, incidents, lifecycle, people
from storage.neighbours import is_first_of_site, rings_of, severity_of, sites_attacked
from storage.values import IncidentSeed, StoredArticle


@dataclass(frozen=True, slots=True)
class House:
    """What every turn at the desk shares: the data files and the configuration."""

    watch: Watch
    places: Places
    settings: Settings
    families: Mapping[str, str]  #: the family of each outlet, by slug and by its name in lower case


@dataclass(slots=True)
class Turn:
    """One article's turn, or one decision's: its transaction, its verdict, and what came of it so far."""

    session: Session
    now: datetime
    stored: StoredArticle | None = None  #: None where people decide
    verdict: Verdict | None = None
    word: str | None = None  #: why people decided so; told with the notices of this turn
    opened: list[int] = field(default_factory=list)  #: incidents made
    held: list[int] = field(default_factory=list)  #: late ones that wait for others to be told with
    notices: list[tuple[NoticeKind, bool]] = field(default_factory=list)  #: kind, and whether it rings
    rings: dict[int, list[tuple[datetime, bool]]] = field(default_factory=dict)  #: past notices, by incident
    rulings: dict[int, Rulings] = field(default_factory=dict)  #: what people decided, by incident


class Telling:
    """The incident side of one turn."""

    def __init__(self, house: House, turn: Turn) -> None:
        self._house, self._turn = house, turn

    # -- an incident is kept ------------------------------------------------------------------------------------------

    def open(self, mentions: Sequence[Mention]) -> tuple[int, Assessed]:
        """Make an incident of these reports; its id and what it is."""
        assessed = self.assess(mentions)
        incident_id = incidents.create_incident(self._turn.session, self._seed(assessed), self._turn.now)
        self._turn.opened.append(incident_id)
        return incident_id, assessed

    def change(self, incident_id: int, before: Sequence[Mention], after: Sequence[Mention]) -> None:
        """Keep what ``after`` makes of an incident, and tell it where it needs telling; () retracts it."""
        old = Assessed(
            facts=self._facts(before, incident_id=incident_id),
            severity=severity_of(self._turn.session, incident_id),
        )
        new = self.keep(incident_id, after or before, retracted=not after)
        self.decide(incident_id, old, new, after or before)

    def keep(self, incident_id: int, mentions: Sequence[Mention], *, retracted: bool = False) -> Assessed:
        """Keep what these reports, and people's word on them, make of an incident; tells nobody."""
        new = self.assess(mentions, retracted=retracted, incident_id=incident_id)
        incidents.set_incident(self._turn.session, incident_id, self._seed(new), self._turn.now)
        return new

    def decide(
        self,
        incident_id: int,
        old: Assessed | None,
        new: Assessed,
        mentions: Sequence[Mention],
        split_from: int | None = None,
    ) -> None:
        """Write the notice that this change calls for, if any."""
        decision = decide(
            old,
            new,
            self.told(incident_id, new.facts.base),
            now=self._turn.now,
            zone=self._house.places.zone(Attack(base=new.facts.base, country=new.facts.country)),
            settings=self._house.settings.alerts,
            first_poll=self._turn.stored is not None and self._turn.stored.first_poll,
            split_from=incidents.public_id(split_from) if split_from is not None else None,
        )
        if self._turn.stored is not None and self._turn.stored.headline_only:
            decision = replace(decision, ring=False, ring_reason="headline-only")  # nobody here read the article
        self.write(incident_id, decision, new, mentions)
        if decision.reason == "already-withdrawn":
            self._warn_of_officials(incident_id, mentions)

    def _warn_of_officials(self, incident_id: int, mentions: Sequence[Mention]) -> None:
        """Tell the operator when a named official reports what people withdrew; it stays so until they undo it."""
        stored = self._turn.stored
        if stored is None or self.rulings(incident_id).status is not Status.RETRACTED:
            return
        said = [m for m in mentions if m.article_id == stored.article_id and not m.attack.denied]
        by = next((origin.name for m in said if (origin := official(m)) is not None), None)
        if by is None:
            return
        public = incidents.public_id(incident_id)
        text, params = withdrawn_yet_reported(public, by)
        write_system_notice(
            self._turn.session, TextReason.WITHDRAWN_YET_REPORTED, text, operators(self._house.settings),
            self._turn.now, params=params,
        )  # fmt: skip

    def correct(self, incident_id: int, decision: NoticeDecision, shown: int) -> None:
        """Write a correction of one incident that shows the facts of another (``shown``): after a merge or split."""
        if decision.kind is not None:
            mentions = incidents.mentions_of(self._turn.session, shown)
            self.write(incident_id, decision, self.assess(mentions, incident_id=shown), mentions, shown=shown)

    def write(
        self,
        incident_id: int,
        decision: NoticeDecision,
        assessed: Assessed,
        mentions: Sequence[Mention],
        shown: int | None = None,
    ) -> None:
        """Write a notice and queue it for every channel that takes it; nothing where the decision is for none."""
        kind = decision.kind
        if decision.held:
            lifecycle.hold(self._turn.session, incident_id, self._turn.now)
            self._turn.held.append(incident_id)
        if kind is None:
            return
        turn, house = self._turn, self._house
        if turn.word is not None:
            said = tuple(change.model_copy(update={"by": f"{DESK}: {turn.word}"}) for change in decision.changes)
            decision = replace(decision, changes=said)
        document = build_document(
            decision,
            assessed,
            self._reports(mentions),
            watch=house.watch,
            places=house.places,
            incident_id=incidents.public_id(shown or incident_id),
            number=0,  # add_notice numbers it
            now=turn.now,
        )
        notice = incidents.add_notice(
            turn.session,
            incident_id,
            kind,
            decision.reason,
            decision.ring,
            decision.late,
            document.to_json(),
            turn.now,
        )
        rang = any(ring for _, ring in self._rings(incident_id))
        dispatch(turn.session, notice.id, incident_id, document, house.settings, turn.now, rang=rang)
        self._rings(incident_id).append((turn.now, decision.ring))
        turn.notices.append((kind, decision.ring))

    def _reports(self, mentions: Iterable[Mention]) -> list[Report]:
        """What the document quotes: the article version behind each mention, with the reasons of its verdict."""
        turn = self._turn
        found = []
        for mention in mentions:
            stored, verdict = turn.stored, turn.verdict
            is_own = stored is not None and (mention.article_id, mention.version) == (stored.article_id, stored.version)
            if stored is None or verdict is None or not is_own:
                read = articles.article(turn.session, mention.article_id, mention.version)
                verdicts = incidents.verdicts_of(turn.session, mention.article_id, mention.version)
                if read is None or not verdicts:
                    continue  # pruned by age: the report counts, but cannot be quoted any more
                stored, verdict = read, verdicts[0].verdict
            found.append(
                Report(
                    mention=mention,
                    url=stored.link,
                    title=stored.title,
                    text=stored.text,
                    lang=verdict.lang,
                    outlet_name=mention.extra.get("outlet_name", mention.outlet),
                    reasons=verdict.reasons,
                )
            )
        return found

    # -- what the pure functions ask ----------------------------------------------------------------------------------

    def assess(
        self, mentions: Sequence[Mention], *, retracted: bool = False, incident_id: int | None = None
    ) -> Assessed:
        """The facts that these reports give, and the severity that follows; where people decided, what they said."""
        facts = self._facts(mentions, retracted=retracted, incident_id=incident_id)
        set_by_people = self.rulings(incident_id).severity
        if set_by_people is not None:
            return Assessed(facts=facts, severity=set_by_people, severity_reason="set-by-people")
        found = gravity(
            status=facts.certainty.status,
            weapons=facts.weapons,
            outcome=facts.outcome,
            casualties=facts.casualties,
            kind=facts.kind,
            sites_within_6h=self._sites_around(facts),
        )
        return Assessed(facts=facts, severity=found.severity, severity_reason=found.reason)

    def _facts(
        self, mentions: Sequence[Mention], *, retracted: bool = False, incident_id: int | None = None
    ) -> IncidentState:
        gone = frozenset(mention.article_id for mention in mentions) if retracted else frozenset()
        state = summarise(mentions, self._house.places, retracted=gone, families=self._house.families)
        return overrule(state, self.rulings(incident_id), self._house.places)

    def rulings(self, incident_id: int | None) -> Rulings:
        """What people decided of the incident; nothing for one that is made now."""
        if incident_id is None or incident_id in self._turn.opened:
            return NOTHING
        if incident_id not in self._turn.rulings:
            found = people.decisions_of(self._turn.session, incident_id)
            self._turn.rulings[incident_id] = gather(found, incident_id)
        return self._turn.rulings[incident_id]

    def _sites_around(self, facts: IncidentState) -> int:
        """How many sites were attacked within six hours of this attack, itself included."""
        moment = facts.event_from or facts.first_reported_at
        local_date = facts.local_date.isoformat() if facts.local_date is not None else None
        own = f"{facts.base}:{facts.country}:{facts.place or ''}"
        return len(sites_attacked(self._turn.session, moment, MANY_SITES_WITHIN, local_date) | {own})

    def told(self, incident_id: int, base: str = UNNAMED) -> Told:
        """What people were told of the incident, and of those that were merged into it."""
        since = self._turn.now - timedelta(hours=self._house.settings.alerts.ring_window_hours)
        past = self._rings(incident_id)
        first = not past and self._house.places.is_site(base)
        return Told(
            notices=len(past),
            recent_rings=sum(ring and at > since for at, ring in past),
            first_of_site=first and is_first_of_site(self._turn.session, base, incident_id),
        )

    def _rings(self, incident_id: int) -> list[tuple[datetime, bool]]:
        if incident_id not in self._turn.rings:
            is_new = incident_id in self._turn.opened
            self._turn.rings[incident_id] = [] if is_new else rings_of(self._turn.session, incident_id)
        return self._turn.rings[incident_id]

    def _seed(self, assessed: Assessed) -> IncidentSeed:
        """The incident as it is kept; ``facts["incident"]`` is what ``incidents list`` shows, with the id put in."""
        facts = assessed.facts
        part = incident_part(assessed, watch=self._house.watch, places=self._house.places, incident_id="")
        return IncidentSeed(
            status=facts.certainty.status,
            severity=assessed.severity,
            base=facts.base,
            place=facts.place,
            country=facts.country,
            kind=facts.kind.value if facts.kind is not None else None,
            event_from=facts.event_from,
            event_to=facts.event_to,
            local_date=facts.local_date.isoformat() if facts.local_date is not None else None,
            first_reported_at=facts.first_reported_at,
            first_seen_at=facts.first_seen_at,
            facts={
                "incident": part.model_dump(mode="json"),
                "status_reason": facts.certainty.reason,
                "severity_reason": assessed.severity_reason,
            },
        )


def withdrawn_yet_reported(public: str, by: str) -> News:
    """What the operator reads where ``by`` reports what people withdrew."""
    text = (
        f"{public} was withdrawn by people, and {by} reports it now.\n"
        f"It stays withdrawn. Look at it with: basewatch incidents show {public}\n"
        "Take the withdrawal back with: basewatch incidents undo, and the number of that decision."
    )
    return text, {"incident": public, "by": by}
