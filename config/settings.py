"""Everything that an operator can turn, read once at start and handed down.

``load_settings`` reads a TOML file and the environment (which wins) and raises ConfigError naming file, key and reason.
``Settings(...)`` alone reads neither: tests build exactly what they say.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from config.channels import ChannelSettings, ConsoleSettings, HttpChannel
from config.export import ExportSettings
from config.fields import Hosts, Line, Seconds, Section, Words, setting
from config.health import HealthSettings
from config.hours import HourOfDay, ZoneName
from config.keep import KeepSettings
from config.opinion import OpinionSettings
from config.page import PageSettings
from config.reading import EnvironmentSource, FileSource, config_error, warn_if_readable
from config.routes import RouteSettings
from config.routes import problems as route_problems
from config.secret import Database, DatabaseAddress
from core.errors import ConfigError
from core.values import Severity

MIB = 1024 * 1024
DAY_S = 86_400

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]


class LogSettings(Section):
    """What is logged, and how."""

    level: Literal["debug", "info", "warning", "error"] = setting("info", "Lowest level that is logged.")
    format: Literal["human", "json"] = setting("human", "`human` for people, `json` for machines: one object a line.")


class CrawlerSettings(Section):
    """How outlets are read."""

    enabled: bool = setting(True, "Off: nothing is fetched; what is stored is still classified and delivered.")
    interval_s: float = setting(300, "Time between two polls of a source until its rhythm is known.", unit="s", ge=1)
    min_interval_s: float = setting(60, "Shortest time between two polls of a source.", unit="s", ge=0.1)
    max_interval_s: float = setting(3600, "Longest time between two polls, back-off included.", unit="s", ge=1)
    concurrency: int = setting(16, "Requests under way at once.", ge=1, le=256)
    per_host: int = setting(2, "Requests under way at once to one host.", ge=1, le=16)
    per_host_per_minute: int = setting(60, "Most requests a minute to one host.", ge=1, le=600)
    timeout_s: float = setting(30, "Total time for one request.", unit="s", gt=0, le=300)
    feed_max_bytes: int = setting(8 * MIB, "Largest feed read, after decompression.", unit="bytes", ge=1024)
    page_max_bytes: int = setting(4 * MIB, "Largest page read, after decompression.", unit="bytes", ge=1024)
    allow_hosts: Hosts = setting((), "Private hosts that may be read, such as 127.0.0.1:8080 or feeds.lan.")
    outlets_only: Words = setting((), "Only these outlets (slugs); empty: all that are enabled.")
    outlets_off: Words = setting((), "Not these outlets (slugs).")
    obey_robots: bool = setting(True, "Obey robots.txt.")
    extract_timeout_s: float = setting(
        20, "Time to read one page or one source's answer; then the worker is replaced.", unit="s", gt=0
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if not self.min_interval_s <= self.interval_s <= self.max_interval_s:
            raise ValueError("min_interval_s, interval_s and max_interval_s must be in rising order")
        return self


class AlertSettings(Section):
    """What becomes an alert, and what may ring."""

    threshold: float | None = setting(
        None, "Probability from which an article is an alert; unset: the model's own.", gt=0, lt=1
    )
    fresh_hours: float = setting(6, "Events younger than this may ring.", unit="h", gt=0)
    late_hours: float = setting(72, "Events up to this age enter as late, without ringing.", unit="h", gt=0)
    ring_min_severity: Severity = setting(Severity.S3, "Lowest severity that rings.")
    ring_first_of_site: bool = setting(True, "The first attack on a site rings whatever its severity.")
    max_rings_per_incident: int = setting(3, "Most rings of one incident within ring_window_hours.", ge=0)
    ring_window_hours: float = setting(6, "Time over which the rings of one incident are counted.", unit="h", gt=0)
    diplomatic: bool = setting(True, "Attacks on embassies and consulates count.")
    digest_from: int = setting(5, "So many late incidents found together are told in one digest.", ge=2)
    digest_wait_minutes: float = setting(
        10, "How long a late incident waits for others to be told with.", unit="min", ge=0
    )
    close_after_hours: float = setting(72, "An incident without a new report for this long is closed.", unit="h", gt=0)
    classify_interval_s: float = setting(
        30,
        "Safety net: how often articles without a verdict are looked for.",
        unit="s",
        gt=0,
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.late_hours < self.fresh_hours:
            raise ValueError("late_hours must not be smaller than fresh_hours")
        return self


class DeliverySettings(Section):
    """How notices are delivered, and how long they are tried."""

    deadline_s: float = setting(10, "Total time for one attempt.", unit="s", gt=0, le=120)
    lease_s: float = setting(60, "Time after which an attempt whose process died is made again.", unit="s", gt=0)
    retry_schedule_s: Seconds = setting(
        (5, 30, 120, 300, 900, 1800, 3600, 7200),
        "Waits after the first, second, … failure; the last repeats.",
        unit="s",
        min_length=1,
    )
    give_up_after_s: float = setting(3 * DAY_S, "Age at which an undelivered notice is dead.", unit="s", gt=0)
    concurrency: int = setting(8, "Attempts under way at once.", ge=1, le=64)
    interval_s: float = setting(5, "Safety net: how often due deliveries are looked for.", unit="s", gt=0)
    time_zone: ZoneName = setting("UTC", "Zone in which the hours of the day count, such as Asia/Baghdad.")
    digest_at: HourOfDay = setting("08:00", "When digests go out, and the daily word that all is well.")
    all_well: bool = setting(True, "Tell the operator once a day that all is well, or what is not.")
    burst_per_minute: int = setting(30, "More notices in a minute to one channel become a digest.", ge=1)
    probe_interval_s: float = setting(
        3600, "How often a paused channel is tried, to see whether it is back.", unit="s", ge=1
    )
    allow_hosts: Hosts = setting((), "Private hosts that channels may post to, such as chat.lan or 10.0.0.5:8443.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.lease_s <= self.deadline_s:
            raise ValueError("lease_s must be longer than deadline_s, or a slow attempt is made twice")
        if any(wait <= 0 for wait in self.retry_schedule_s):
            raise ValueError("retry_schedule_s holds a wait that is not above 0")
        return self


def _default_channels() -> dict[str, ChannelSettings]:
    return {"console": ConsoleSettings()}


def _or_default(channels: dict[str, ChannelSettings]) -> dict[str, ChannelSettings]:
    """The channels, or one console channel where none is configured, so that a first run shows its alerts."""
    return channels or _default_channels()


class Settings(BaseSettings):
    """The whole configuration. Environment: ``BASEWATCH_`` and the key in capitals, ``__`` between table and key."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, env_prefix="BASEWATCH_", env_nested_delimiter="__"
    )

    data_dir: Path = setting(Path("."), "Folder for what Basewatch writes.")
    database: Database = setting(
        "basewatch.db",
        "SQLite file, in data_dir unless absolute, or SQLAlchemy URL (postgresql+psycopg://…).",
        validate_default=True,
    )
    config_dir: Path | None = setting(None, "Folder of your own outlets, watches and lexicons; by id they win.")
    contact: Line = setting("", "Mail address or page shown to outlets in the User-Agent.", max_length=200)
    watch: str = setting("us-bases", "Name of the watch: a folder of sites, actors and sides.", pattern=r"^[a-z0-9-]+$")
    operator: Words = setting((), "Channels that are told how Basewatch itself does; none named: all.")
    log: LogSettings = setting(LogSettings(), "What is logged, and how.")
    crawler: CrawlerSettings = setting(CrawlerSettings(), "How outlets are read.")
    alerts: AlertSettings = setting(AlertSettings(), "What becomes an alert, and what may ring.")
    opinion: OpinionSettings = setting(OpinionSettings(), "A language model asked about doubtful articles; optional.")
    delivery: DeliverySettings = setting(DeliverySettings(), "How notices are delivered, and how long they are tried.")
    export: ExportSettings = setting(ExportSettings(), "Files that other programs read.")
    keep: KeepSettings = setting(KeepSettings(), "How long what is kept is kept; 0 days: for ever.")
    health: HealthSettings = setting(HealthSettings(), "How Basewatch shows that it lives, and tests itself.")
    page: PageSettings = setting(PageSettings(), "The status page, /healthz, /readyz and /metrics.")
    channels: Annotated[dict[ChannelName, ChannelSettings], AfterValidator(_or_default)] = Field(
        default_factory=_default_channels, description="Where alerts go, one table a channel; none: the console."
    )
    routes: tuple[RouteSettings, ...] = Field(
        default=(), description="Who is told of what, one table a rule; none: each channel takes what its settings say."
    )

    @field_validator("database", mode="before")
    @classmethod
    def _within_data_dir(cls, value: object, info: ValidationInfo) -> object:
        """A relative file name gets data_dir before it; a URL, ":memory:" and an absolute path stay as they are."""
        if not isinstance(value, str) or "://" in value or value in ("", ":memory:"):
            return value
        data_dir: Path = info.data.get("data_dir", Path())
        return os.fspath(data_dir / Path(value).expanduser())

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name, channel in self.channels.items():
            if isinstance(channel, HttpChannel) and not channel.is_https and not self.may_post_to(channel):
                raise ValueError(
                    f"channels.{name}.url uses http, which anyone on the way can read: use https, "
                    "or set allow_private or name its host in delivery.allow_hosts"
                )
        for problem in route_problems(self.routes, self.operator, self.channels):
            raise ValueError(problem)
        return self

    @property
    def database_address(self) -> str:
        """The database as storage takes it, password included: never to be printed, unlike ``database``."""
        return DatabaseAddress(self.database).reveal()

    def may_post_to(self, channel: HttpChannel) -> bool:
        """Whether the operator allows this channel a private address or plain http."""
        host = channel.url_host
        bare = host if host.endswith("]") else host.rpartition(":")[0] or host
        return channel.allow_private or not {host, bare}.isdisjoint(self.delivery.allow_hosts)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def load_settings(path: Path | None, *, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of the file at ``path`` (None: defaults alone) with the environment on top.

    Raises ConfigError naming file, key and reason; no secret is ever in it. Warns in the log where other users of this
    machine can read a file that holds secrets.
    """
    environment = EnvironmentSource(Settings, os.environ if environ is None else environ)
    file = FileSource(Settings, path)
    build: dict[str, Any] = {"_build_sources": ((environment, file), {})}  # pydantic-settings merges, the first wins
    try:
        settings = Settings(**build)
    except ValidationError as error:
        problem = config_error(error, file, environment)
    else:
        warn_if_readable(file)
        return settings
    raise problem


__all__ = ["ConfigError", "Settings", "load_settings"]
