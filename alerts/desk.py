"""Enters one verdict: incident, reports, facts, notices and deliveries, all in the caller's transaction.

::

    verdict saved | mentions | an edit replaces what it replaces | reports nearby | arranged anew (scene.py)
      | incidents made, joined, split, merged | facts | notices decided (notices.py) and written | deliveries queued

Everything is decided by pure functions from values; what is written here follows from their answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from alerts import ledger
from alerts.clusters import Ref
from alerts.document import Report, build_document, incident_part
from alerts.incidents import IncidentState, summarise
from alerts.mentions import Teller, follow, is_positive, mentions_of, taken_back
from alerts.nearby import read_nearby
from alerts.notices import Assessed, NoticeDecision, Told, decide, merged_into, split_into
from alerts.places import Places
from alerts.routing import accepting
from alerts.scene import Change, Scene, arrange
from alerts.severity import MANY_SITES_WITHIN, gravity
from config.outlets import Outlet
from config.settings import Settings
from config.watch import Watch
from core.values import UNNAMED, Attack, Mention, NoticeKind, Verdict
from storage import articles, deliveries, incidents
from storage.neighbours import drop_report, is_first_of_site, merged_into_it, reports_of_article, sites_attacked
from storage.values import FactSeed, IncidentSeed, NoticeView, StoredArticle


@dataclass(slots=True)
class Entry:
    """What entering one verdict did."""

    entered: bool = True  #: False: this version already had a verdict
    positive: bool = False
    opened: list[int] = field(default_factory=list)  #: incidents made
    notices: list[tuple[NoticeKind, bool]] = field(default_factory=list)  #: kind, and whether it rings


@dataclass(slots=True)
class _Turn:
    """One article's turn at the desk."""

    session: Session
    now: datetime
    stored: StoredArticle
    verdict: Verdict
    entry: Entry


class Desk:
    """Enters verdicts, for one watch, one set of outlets and one configuration."""

    def __init__(self, watch: Watch, outlets: Mapping[str, Outlet], settings: Settings) -> None:
        self._watch, self._outlets, self._settings = watch, outlets, settings
        self._places = Places(watch)
        self._families = {outlet.name.casefold(): outlet.family for outlet in outlets.values()}
        self._families |= {outlet.slug: outlet.family for outlet in outlets.values()}

    def enter(self, session: Session, stored: StoredArticle, verdict: Verdict, now: datetime) -> Entry:
        """Write everything that follows from this verdict. Nothing where the version already has one.

        Commits nothing; may run again after the database threw the transaction away.
        """
        entry = Entry()
        if incidents.save_verdict(session, stored, verdict, now) is None:
            entry.entered = False
            return entry
        entry.positive = is_positive(verdict, self._settings.alerts.threshold)
        turn = _Turn(session, now, stored, verdict, entry)
        past = reports_of_article(session, stored.article_id)
        told = mentions_of(verdict, self._teller(stored), self._settings.alerts)
        if told:
            arrivals, left = follow(told, past)
            self._take_back(turn, left)
            self._place(turn, arrivals, past)
        elif past and taken_back(verdict):
            self._take_back(turn, past)
        return entry

    def _teller(self, stored: StoredArticle) -> Teller:
        outlet = self._outlets.get(stored.outlet)
        return Teller(
            article_id=stored.article_id,
            version=stored.version,
            url=stored.url,
            outlet=stored.outlet,
            family=stored.family,
            outlet_name=outlet.name if outlet is not None else stored.outlet,
            country_of_outlet=outlet.country if outlet is not None else None,
            published_at=stored.published_at,
            date_only=stored.date_only,
            first_seen_at=stored.first_seen_at,
            fingerprint=stored.fingerprint,
        )

    # -- an edit takes attacks back -----------------------------------------------------------------------------------

    def _take_back(self, turn: _Turn, mentions: Iterable[Mention]) -> None:
        """Drop reports that their article no longer tells; an incident that loses its last one is retracted."""
        for mention in mentions:
            incident_id = mention.incident_id
            assert incident_id is not None
            before = tuple(incidents.mentions_of(turn.session, incident_id))
            drop_report(turn.session, mention)
            left = tuple(m for m in before if ref_of(m) != ref_of(mention))
            fact = FactSeed(field=ledger.TAKEN_BACK, value={"url": mention.extra.get("url")})
            incidents.add_fact(turn.session, incident_id, fact, turn.now)
            self._tell_change(turn, incident_id, before, left)

    # -- an article's attacks find their incidents --------------------------------------------------------------------

    def _place(self, turn: _Turn, arrivals: Sequence[Mention], past: Sequence[Mention]) -> None:
        """Arrange the neighbourhood anew and write what changed."""
        nearby = {ref_of(m): m for m in read_nearby(turn.session, (*arrivals, *past), self._places)}
        nearby |= {ref_of(m): m for m in past}
        replaced = frozenset({turn.stored.article_id})
        scene = arrange(list(nearby.values()), arrivals, self._places, replaced=replaced)
        ids = [self._settle(turn, change, scene) for change in scene.changes]
        for gone, winner in sorted(scene.merges.items()):
            self._merge(turn, gone, winner)
        splits = scene.splits()
        for source, parts in sorted(splits.items()):
            made = [ids[scene.changes.index(part)] for part in parts]
            self._tell(turn, source, split_into(tuple(map(incidents.public_id, made)), self._told(turn, source)))
        for change, incident_id in zip(scene.changes, ids, strict=True):
            taken_in = [m for gone, to in scene.merges.items() if to == incident_id for m in scene.before.get(gone, ())]
            before = (*change.before, *taken_in)
            if incident_id not in splits:
                self._tell_change(turn, incident_id, before, change.after, change.planned.split_from)

    def _settle(self, turn: _Turn, change: Change, scene: Scene) -> int:
        """Make the incident if it is new, give it its reports and record why each is here; its id."""
        session, now = turn.session, turn.now
        incident_id = change.incident_id
        if incident_id is None:
            incident_id = incidents.create_incident(
                session, self._seed(None, self._assess(turn, None, change.after)), now
            )
            turn.entry.opened.append(incident_id)
        urls = {m.article_id: m.extra.get("url", "") for mentions in scene.before.values() for m in mentions}
        for mention in change.planned.arrivals if change.incident_id is not None else change.after:
            if mention.article_id != turn.stored.article_id:
                moved = ledger.moved_to(mention, incidents.public_id(incident_id))
                if mention.incident_id is not None and mention.incident_id not in scene.merges:
                    incidents.add_fact(session, mention.incident_id, moved, now)
                incidents.move_report(session, mention, incident_id)
            decision = change.planned.decisions[ref_of(mention)]
            incidents.add_fact(session, incident_id, ledger.placement(mention, decision, urls), now)
        for mention in change.after:
            if mention.article_id == turn.stored.article_id:
                incidents.attach_report(session, incident_id, turn.stored, mention, now)
                incidents.add_fact(session, incident_id, ledger.facts_of(mention), now)
                incidents.add_fact(session, incident_id, ledger.refusals_of(mention, scene.refusals, urls), now)
        return incident_id

    def _merge(self, turn: _Turn, gone: int, winner: int) -> None:
        """End an incident whose reports stand in another now, and tell those who were told of it."""
        told = self._told(turn, gone)
        incidents.merge_incidents(turn.session, gone, winner, turn.now)
        self._tell(turn, gone, merged_into(incidents.public_id(winner), told), shown=winner)

    # -- telling ------------------------------------------------------------------------------------------------------

    def _tell_change(
        self,
        turn: _Turn,
        incident_id: int,
        before: Sequence[Mention],
        after: Sequence[Mention],
        split_from: int | None = None,
    ) -> None:
        """Keep the incident's new facts, and write the notice that they call for."""
        old = self._assess(turn, incident_id, before, stored_severity=True) if before else None
        new = self._assess(turn, incident_id, after or before, retracted=not after)
        incidents.set_incident(turn.session, incident_id, self._seed(incident_id, new), turn.now)
        zone = self._places.zone(Attack(base=new.facts.base, country=new.facts.country))
        decision = decide(
            old,
            new,
            self._told(turn, incident_id, new.facts.base),
            now=turn.now,
            zone=zone,
            settings=self._settings.alerts,
            first_poll=turn.stored.first_poll,
            split_from=incidents.public_id(split_from) if split_from is not None else None,
        )
        self._tell(turn, incident_id, decision, assessed=new, mentions=after or before)

    def _tell(
        self,
        turn: _Turn,
        incident_id: int,
        decision: NoticeDecision,
        *,
        assessed: Assessed | None = None,
        mentions: Sequence[Mention] | None = None,
        shown: int | None = None,
    ) -> None:
        """Write a notice and queue it for every channel that takes it; nothing where the decision is for none.

        ``shown`` is the incident whose facts the document shows, where they are another's: after a merge.
        """
        if decision.kind is None:
            return
        if mentions is None:
            mentions = incidents.mentions_of(turn.session, shown or incident_id)
        if assessed is None:
            assessed = self._assess(turn, shown or incident_id, mentions)
        document = build_document(
            decision,
            assessed,
            self._reports(turn, mentions),
            watch=self._watch,
            places=self._places,
            incident_id=incidents.public_id(shown or incident_id),
            number=0,
            now=turn.now,
        )
        notice = incidents.add_notice(
            turn.session,
            incident_id,
            decision.kind,
            decision.reason,
            decision.ring,
            decision.late,
            document.to_json(),
            turn.now,
        )
        channels = accepting(
            self._settings.channels,
            kind=decision.kind,
            severity=assessed.severity,
            rings=decision.ring,
            rang=any(past.ring for past in self._notices(turn, incident_id)),
        )
        deliveries.enqueue(turn.session, notice.id, channels, turn.now)
        turn.entry.notices.append((decision.kind, decision.ring))

    def _reports(self, turn: _Turn, mentions: Iterable[Mention]) -> list[Report]:
        """What the document quotes: the article version behind each mention, with the reasons of its verdict."""
        found = []
        for mention in mentions:
            stored, verdict = turn.stored, turn.verdict
            if (mention.article_id, mention.version) != (stored.article_id, stored.version):
                read = articles.article(turn.session, mention.article_id, mention.version)
                assert read is not None  # a report points to its version
                stored = read
                verdicts = incidents.verdicts_of(turn.session, mention.article_id, mention.version)
                verdict = verdicts[0].verdict if verdicts else turn.verdict
            found.append(
                Report(
                    mention=mention,
                    url=stored.url,
                    title=stored.title,
                    text=stored.text,
                    lang=verdict.lang,
                    outlet_name=mention.extra.get("outlet_name", mention.outlet),
                    reasons=verdict.reasons,
                )
            )
        return found

    # -- what the pure functions ask ----------------------------------------------------------------------------------

    def _assess(
        self,
        turn: _Turn,
        incident_id: int | None,
        mentions: Sequence[Mention],
        *,
        stored_severity: bool = False,
        retracted: bool = False,
    ) -> Assessed:
        """The facts that these reports give, with the severity: the one that is kept, or what the facts give now."""
        gone = frozenset(m.article_id for m in mentions) if retracted else frozenset()
        facts = summarise(mentions, self._places, retracted=gone, families=self._families)
        kept = incidents.incident(turn.session, incident_id) if stored_severity and incident_id is not None else None
        if kept is not None:
            return Assessed(facts=facts, severity=kept.severity)
        found = gravity(
            status=facts.certainty.status,
            weapons=facts.weapons,
            outcome=facts.outcome,
            casualties=facts.casualties,
            kind=facts.kind,
            sites_within_6h=self._sites_around(turn, facts),
        )
        return Assessed(facts=facts, severity=found.severity, severity_reason=found.reason)

    def _sites_around(self, turn: _Turn, facts: IncidentState) -> int:
        """How many sites were attacked within six hours of this attack, itself included."""
        moment = facts.event_from or facts.first_reported_at
        local_date = facts.local_date.isoformat() if facts.local_date is not None else None
        own = f"{facts.base}:{facts.country}:{facts.place or ''}"
        return len(sites_attacked(turn.session, moment, MANY_SITES_WITHIN, local_date) | {own})

    def _told(self, turn: _Turn, incident_id: int, base: str = UNNAMED) -> Told:
        """What people were told of the incident, and of those that were merged into it."""
        notices = self._notices(turn, incident_id)
        since = turn.now - timedelta(hours=self._settings.alerts.ring_window_hours)
        return Told(
            notices=len(notices),
            recent_rings=sum(notice.ring and notice.created_at > since for notice in notices),
            first_of_site=self._places.is_site(base) and is_first_of_site(turn.session, base, incident_id),
        )

    def _notices(self, turn: _Turn, incident_id: int) -> list[NoticeView]:
        if incident_id in turn.entry.opened:
            return []
        ids = [incident_id, *merged_into_it(turn.session, incident_id)]
        return [notice for each in ids for notice in incidents.notices_of(turn.session, each)]

    def _seed(self, incident_id: int | None, assessed: Assessed) -> IncidentSeed:
        """The incident as it is kept; ``facts["incident"]`` is what documents and ``incidents list`` show."""
        facts = assessed.facts
        shown: dict[str, object] = {}
        if incident_id is not None:
            public = incidents.public_id(incident_id)
            part = incident_part(assessed, watch=self._watch, places=self._places, incident_id=public)
            shown = {
                "incident": part.model_dump(mode="json"),
                "status_reason": facts.certainty.reason,
                "severity_reason": assessed.severity_reason,
            }
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
            facts=shown,
        )


def ref_of(mention: Mention) -> Ref:
    """What names a mention among the reports nearby."""
    return mention.article_id, mention.index
