"""Enters one verdict: incident, reports, facts, notices and deliveries, all in the caller's transaction.

::

    verdict saved | mentions | an edit replaces what it replaces | reports nearby | arranged anew (scene.py)
      | incidents made, joined, split, merged | facts | notices decided and written, deliveries queued (telling.py)

Everything is decided by pure functions from values; what is written here follows from their answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from alerts import ledger
from alerts.clusters import Ref
from alerts.late import tell_late
from alerts.mentions import BY_PEOPLE, Teller, follow, is_positive, mentions_of, taken_back
from alerts.nearby import REPORTED_WITHIN, read_nearby
from alerts.notices import Assessed, late_due_at, merged_into, split_into
from alerts.places import Places
from alerts.rulings import as_people_say
from alerts.scene import Change, Scene, arrange
from alerts.telling import House, Telling, Turn
from config.outlets import Outlet
from config.settings import Settings
from config.watch import Watch
from core.values import Mention, NoticeKind, Verdict
from storage import articles, incidents, lifecycle
from storage.neighbours import drop_report, reports_of_article
from storage.people import edited_among
from storage.values import FactSeed, StoredArticle


@dataclass(frozen=True, slots=True)
class Entry:
    """What entering one verdict did."""

    entered: bool = True  #: False: this version already had a verdict
    positive: bool = False
    opened: tuple[int, ...] = ()  #: incidents made
    notices: tuple[tuple[NoticeKind, bool], ...] = ()  #: kind, and whether it rings
    held: int = 0  #: late incidents that now wait to be told


def build_house(watch: Watch, outlets: Mapping[str, Outlet], settings: Settings) -> House:
    """What every turn shares, from the data files and the configuration."""
    families = {outlet.name.casefold(): outlet.family for outlet in outlets.values()}
    families |= {outlet.slug: outlet.family for outlet in outlets.values()}
    return House(watch, Places(watch), settings, families)


class Desk:
    """Enters verdicts, for one watch, one set of outlets and one configuration."""

    def __init__(self, watch: Watch, outlets: Mapping[str, Outlet], settings: Settings) -> None:
        self._outlets = outlets
        self._house = build_house(watch, outlets, settings)

    def enter(self, session: Session, stored: StoredArticle, verdict: Verdict, now: datetime) -> Entry:
        """Write everything that follows from this verdict. Nothing where the version already has one.

        Commits nothing; may run again after the database threw the transaction away.
        """
        if incidents.save_verdict(session, stored, verdict, now) is None:
            return Entry(entered=False)
        settings = self._house.settings.alerts
        turn = Seating(self._house, Turn(session, now, stored, verdict))
        told = mentions_of(verdict, teller_of(stored, self._outlets), settings)
        past = reports_of_article(session, stored.article_id) if stored.version > 1 or told else []
        if stored.version > 1:
            lifecycle.drop_denials_of(session, stored.article_id)
        if told:
            arrivals, left = follow(told, past)
            turn.take_back(left)
            turn.seat(arrivals, [mention for mention in past if mention not in left])
        elif past and taken_back(verdict):
            turn.take_back([mention for mention in past if BY_PEOPLE not in mention.extra])
        return Entry(
            positive=is_positive(verdict, settings.threshold),
            opened=tuple(turn.turn.opened),
            notices=tuple(turn.turn.notices),
            held=len(turn.turn.held),
        )

    def late_due_at(self, session: Session) -> datetime | None:
        """When the late incidents that wait are told, if no other comes; None where none waits."""
        return late_due_at([since for _, since in lifecycle.held(session)], self._house.settings.alerts)

    def tell_late(self, session: Session, now: datetime, *, at_once: bool = False) -> list[NoticeKind]:
        """Tell the late incidents that waited for each other, when their time has come; the kinds of the notices."""
        return tell_late(session, self._house, now, at_once=at_once)


def teller_of(stored: StoredArticle, outlets: Mapping[str, Outlet]) -> Teller:
    """The article version that tells, with what its outlet adds."""
    outlet = outlets.get(stored.outlet)
    return Teller(
        article_id=stored.article_id,
        version=stored.version,
        url=stored.link,
        outlet=stored.outlet,
        family=stored.family,
        outlet_name=outlet.name if outlet is not None else stored.outlet,
        country_of_outlet=outlet.country if outlet is not None else None,
        published_at=stored.published_at,
        date_only=stored.date_only,
        first_seen_at=stored.first_seen_at,
        fingerprint=stored.fingerprint,
    )


class Seating:
    """Gives the attacks of one article their incidents."""

    def __init__(self, house: House, turn: Turn) -> None:
        self._house, self.turn = house, turn
        self._telling = Telling(house, turn)
        self._raw: dict[Ref, Mention] = {}  #: the article's attacks as it tells them

    def take_back(self, mentions: Iterable[Mention]) -> None:
        """Drop reports that their article no longer tells; an incident that loses its last one is retracted."""
        turn = self.turn
        for mention in mentions:
            incident_id = mention.incident_id
            assert incident_id is not None  # it is stored
            before = incidents.mentions_of(turn.session, incident_id)
            drop_report(turn.session, mention)
            left = [other for other in before if ref_of(other) != ref_of(mention)]
            url = mention.extra.get("url")
            fact = FactSeed(field=ledger.TAKEN_BACK, value={"url": url}, article_id=mention.article_id)
            incidents.add_fact(turn.session, incident_id, fact, turn.now)
            self._telling.change(incident_id, before, left)

    def seat(self, arrivals: Sequence[Mention], past: Sequence[Mention]) -> None:
        """Arrange the neighbourhood anew, write what changed, and tell it."""
        self._raw = {ref_of(m): m for m in arrivals}
        told, stayed = self._as_people_say(arrivals), self._as_people_say(past)
        read, constraints = read_nearby(self.turn.session, (*told, *stayed), self._house.places)
        nearby = {ref_of(m): m for m in (*self._as_people_say(read), *stayed)}
        for denial in self._waiting_denials(told):
            nearby.setdefault(ref_of(denial), denial)
        scene = arrange(
            list(nearby.values()),
            told,
            self._house.places,
            replaced=frozenset(m.article_id for m in arrivals),
            constraints=constraints,
        )
        stored = self.turn.stored
        if stored is not None and stored.headline_only and not _only_joins(scene):
            return  # a search's word that an outlet ran a headline may add a voice, never make or move an incident
        for mention in scene.unplaced:
            if ref_of(mention) in self._raw:
                lifecycle.keep_denial(self.turn.session, self._raw[ref_of(mention)])
        made: dict[int, Assessed] = {}
        ids = [self._settle(change, scene, made) for change in scene.changes]
        for gone, winner in sorted(scene.merges.items()):
            self._merge(gone, winner)
        splits = scene.splits()
        for change, incident_id in zip(scene.changes, ids, strict=True):
            if incident_id in made:
                source = change.planned.split_from
                self._telling.decide(incident_id, None, made[incident_id], change.after, source)
            else:
                taken_in = [m for gone, to in scene.merges.items() if to == incident_id for m in scene.before[gone]]
                self._telling.change(incident_id, (*change.before, *taken_in), change.after)
        for source, parts in sorted(splits.items()):
            names = tuple(incidents.public_id(ids[scene.changes.index(part)]) for part in parts)
            self._telling.correct(source, split_into(names, self._telling.told(source)), shown=source)

    def _waiting_denials(self, arrivals: Sequence[Mention]) -> list[Mention]:
        """Denials that came before anybody told of the attack they deny, as long ago as an update may be."""
        known = [mention.known_at for mention in arrivals]
        found = lifecycle.waiting_denials(self.turn.session, min(known) - REPORTED_WITHIN, max(known) + REPORTED_WITHIN)
        return [mention for mention in found if ref_of(mention) not in self._raw]

    def _as_people_say(self, mentions: Sequence[Mention]) -> list[Mention]:
        """The reports with the place and day that people gave their incidents."""
        homes = {m.incident_id for m in mentions if m.incident_id is not None}
        edited = edited_among(self.turn.session, homes)
        return [
            as_people_say(m, self._telling.rulings(m.incident_id)) if m.incident_id in edited else m for m in mentions
        ]

    def _settle(self, change: Change, scene: Scene, made: dict[int, Assessed]) -> int:
        """Make the incident if it is new, give it its reports and record why each is here; its id."""
        incident_id = change.incident_id
        if incident_id is None:
            incident_id, assessed = self._telling.open(change.after)
            made[incident_id] = assessed
        stored = self.turn.stored
        assert stored is not None  # an article is being seated
        own = [self._raw[ref_of(m)] for m in change.after if m.article_id == stored.article_id]
        for mention in own:
            incidents.attach_report(self.turn.session, incident_id, stored, mention, self.turn.now)
        for mention in change.planned.arrivals:
            if mention.article_id == stored.article_id:
                continue
            if mention.incident_id is None:
                own.append(mention)
                self._adopt(mention, incident_id)
            else:
                self._move(mention, incident_id, scene)
        facts = list(_facts(change, own, scene))
        incidents.add_fact(self.turn.session, incident_id, facts, self.turn.now)
        return incident_id

    def _adopt(self, denial: Mention, incident_id: int) -> None:
        """Give a denial that waited its incident."""
        stored = articles.article(self.turn.session, denial.article_id, denial.version)
        assert stored is not None  # articles and their versions are never removed
        incidents.attach_report(self.turn.session, incident_id, stored, denial, self.turn.now)
        lifecycle.drop_denials(self.turn.session, [ref_of(denial)])

    def _move(self, mention: Mention, incident_id: int, scene: Scene) -> None:
        """Give a stored report to this incident; the one that it leaves goes on without it, unless it ends here."""
        if mention.incident_id is not None and mention.incident_id not in scene.merges:
            moved = ledger.moved_to(mention, incidents.public_id(incident_id))
            incidents.add_fact(self.turn.session, mention.incident_id, moved, self.turn.now)
        incidents.move_report(self.turn.session, mention, incident_id)

    def _merge(self, gone: int, winner: int) -> None:
        """End an incident whose reports stand in another now, and tell those who were told of it."""
        told = self._telling.told(gone)
        self.turn.rulings.clear()  # what people decided of the one holds for the other from now on
        incidents.merge_incidents(self.turn.session, gone, winner, self.turn.now)
        self._telling.correct(gone, merged_into(incidents.public_id(winner), told), shown=winner)


def _only_joins(scene: Scene) -> bool:
    """Whether these arrivals join incidents that are there, and nothing else happens."""
    opens = any(change.incident_id is None for change in scene.changes)
    return not opens and not scene.merges and not scene.splits()


def _facts(change: Change, own: Sequence[Mention], scene: Scene) -> Iterable[FactSeed]:
    """Why each report came here, what the article's own reports state, and what they did not join."""
    urls = {m.article_id: m.extra.get("url", "") for mentions in scene.before.values() for m in mentions}
    for mention in dict.fromkeys((*map(ref_of, change.planned.arrivals), *map(ref_of, own))):
        found = next(m for m in change.after if ref_of(m) == mention)
        yield ledger.placement(found, change.planned.decisions[mention], urls)
    for report in own:
        yield from ledger.facts_of(report)
        yield from ledger.refusals_of(report, scene.refusals, urls)


def ref_of(mention: Mention) -> Ref:
    """What names a mention among the reports nearby."""
    return mention.article_id, mention.index
