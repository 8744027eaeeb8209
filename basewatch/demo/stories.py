"""The script of the demo: invented outlets and stories, in which order they appear, and what must come of each.

``load_script`` reads stories.toml and raises ConfigError for a script that cannot be played; ``Script.tell`` turns a
story into what an outlet publishes at one moment.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Self, get_args
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator

from basewatch.demo.shapes import Piece, Shape
from core.calendar_names import GREGORIAN_MONTHS, WEEKDAYS
from core.errors import ConfigError
from core.values import NoticeKind

STORIES = Path(__file__).with_name("stories.toml")


def _check_shape(name: str) -> str:
    if name not in get_args(Shape):
        raise ValueError(f"is no shape: choose one of {', '.join(get_args(Shape))}")
    return name


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class VirtualOutlet(_Part):
    """A publisher that exists in the demo only."""

    slug: str
    name: str
    country: str
    zone: str
    languages: tuple[str, ...]
    shape: Annotated[Shape, AfterValidator(_check_shape)]


class ExpectedNotice(_Part):
    """One notice that must arrive, once on every channel."""

    incident: str
    kind: NoticeKind


class ScriptedIncident(_Part):
    """An attack of the script."""

    key: str
    base: str  #: site id of the watch
    zone: str
    minutes_ago: int  #: before the demo starts


class Step(_Part):
    """What appears at once, and the notices that must come of it."""

    id: str
    title: str
    notices: tuple[ExpectedNotice, ...] = ()


class Story(_Part):
    """One article, or with ``edits`` a later text of one."""

    id: str
    step: str
    outlet: str
    lang: str
    topic: str
    section: str
    city: str
    minutes_ago: int  #: published so long before it appears
    title: str
    body: str
    incident: str | None = None  #: None: nothing may come of it
    denies: bool = False  #: says that the incident did not happen
    edits: str | None = None  #: id of the story whose address it keeps

    @property
    def first_id(self) -> str:
        """The id that stands in its address."""
        return self.edits or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """The clock of one performance."""

    started_at: datetime  #: aware; incidents lie before it
    now: datetime  #: aware; stories appear at it


class Script(_Part):
    """The whole demo as data."""

    outlet: tuple[VirtualOutlet, ...]
    incident: tuple[ScriptedIncident, ...]
    step: tuple[Step, ...]
    story: tuple[Story, ...]

    @cached_property
    def outlets(self) -> dict[str, VirtualOutlet]:
        return {outlet.slug: outlet for outlet in self.outlet}

    @cached_property
    def incidents(self) -> dict[str, ScriptedIncident]:
        return {incident.key: incident for incident in self.incident}

    @property
    def expected(self) -> tuple[ExpectedNotice, ...]:
        """Every notice that must arrive, in order."""
        return tuple(notice for step in self.step for notice in step.notices)

    def stories_of(self, step: Step) -> tuple[Story, ...]:
        return tuple(story for story in self.story if story.step == step.id)

    def tell(self, story: Story, moment: Moment) -> Piece:
        """The story as its outlet publishes it at ``moment``, dates filled in."""
        published_at = (moment.now - timedelta(minutes=story.minutes_ago)).replace(microsecond=0)
        if story.incident is None:
            told, zone = published_at, self.outlets[story.outlet].zone
        else:
            incident = self.incidents[story.incident]
            told, zone = moment.started_at - timedelta(minutes=incident.minutes_ago), incident.zone
        words = _words(told.astimezone(ZoneInfo(zone)), story.lang)
        first = next(number for number, other in enumerate(self.story, 1) if other.id == story.first_id)
        return Piece(
            number=1000 + first,
            lang=story.lang,
            section=story.section,
            city=story.city,
            title=story.title,
            paragraphs=tuple(part.strip().format_map(words) for part in story.body.strip().split("\n\n")),
            published_at=published_at.astimezone(UTC),
        )

    @model_validator(mode="after")
    def _check(self) -> Self:
        _refuse_doubles("outlet", [outlet.slug for outlet in self.outlet])
        _refuse_doubles("incident", [incident.key for incident in self.incident])
        _refuse_doubles("step", [step.id for step in self.step])
        _refuse_doubles("story", [story.id for story in self.story])
        steps = [step.id for step in self.step]
        by_id = {story.id: story for story in self.story}
        for story in self.story:
            self._check_story(story, steps, by_id)
        for notice in self.expected:
            if notice.incident not in self.incidents:
                raise ValueError(f"a step expects a notice of the unknown incident {notice.incident!r}")
        return self

    def _check_story(self, story: Story, steps: list[str], by_id: dict[str, Story]) -> None:
        outlet = self.outlets.get(story.outlet)
        if story.step not in steps or outlet is None or story.lang not in outlet.languages:
            raise ValueError(f"story {story.id!r} names an unknown step, outlet or language of its outlet")
        if story.incident is not None and story.incident not in self.incidents:
            raise ValueError(f"story {story.id!r} names the unknown incident {story.incident!r}")
        if story.denies and story.incident is None:
            raise ValueError(f"story {story.id!r} denies nothing")
        if story.edits is None:
            return
        before = by_id.get(story.edits)
        if before is None or before.edits or before.outlet != story.outlet or before.title != story.title:
            raise ValueError(f"story {story.id!r} must edit a first text of its own outlet, under the same title")
        if steps.index(before.step) >= steps.index(story.step):
            raise ValueError(f"story {story.id!r} edits a text that has not appeared yet")


def _refuse_doubles(what: str, ids: list[str]) -> None:
    doubles = sorted(name for name, times in Counter(ids).items() if times > 1)
    if doubles:
        raise ValueError(f"{what} {doubles[0]!r} stands there twice")


def _words(local: datetime, lang: str) -> dict[str, str]:
    """What the placeholders of a story stand for, in its language."""
    weekday = next(name for name, number in WEEKDAYS[lang].items() if number == local.weekday())
    month = next(name for name, number in GREGORIAN_MONTHS[lang].items() if number == local.month)
    return {"weekday": weekday, "date": f"{local.day} {month}", "clock": f"{local:%H:%M}"}


def load_script(path: Path = STORIES) -> Script:
    """The script at ``path``. Raises ConfigError where it is no TOML or cannot be played."""
    try:
        return Script.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not valid TOML: {error}", file=path) from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConfigError(first["msg"].removeprefix("Value error, "), file=path, key=where or None) from None
