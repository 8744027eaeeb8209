"""What ``basewatch check`` says of configuration, watch and outlets: findings, and what was not looked at.

Nothing is fetched, sent or written here. The command adds what it finds of the database, the lexicons and the channels.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from config.channels import EmailSettings, HttpChannel
from config.data import DATA_DIR
from config.outlets import Outlet, load_outlets, select_outlets
from config.reading import FileSource, is_readable_by_others
from config.routes import check_sites, takes_all
from config.settings import Settings, load_settings
from config.watch import Watch, alias_clashes, load_watch
from core.errors import ConfigError
from core.values import NoticeKind

T = TypeVar("T")
FOLDERS = ("outlets", "watches", "lexicon", "phrases", "furniture")  #: what may stand in a config_dir


class Level(StrEnum):
    """How bad a finding is; ERROR alone makes the check fail."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    level: Level
    what: str  #: one sentence
    where: str  #: file, key or entry
    todo: str = ""  #: what to do about it; "" where all is well


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What the checks found; the parts are None where they could not be loaded."""

    findings: tuple[Finding, ...]
    not_checked: tuple[str, ...]
    settings: Settings | None = None
    watch: Watch | None = None
    outlets: Mapping[str, Outlet] | None = None

    @property
    def failed(self) -> bool:
        return any(finding.level is Level.ERROR for finding in self.findings)


def check_files(path: Path | None, *, environ: Mapping[str, str] | None = None) -> Checked:
    """Every check of the file at ``path`` (None: defaults and environment), of the watch and of the outlets.

    Never raises ConfigError: what cannot be loaded is an error among the findings, and the rest is checked all the same
    where it can be.
    """
    findings: list[Finding] = []
    settings = _try(findings, lambda: load_settings(path, environ=environ))
    if settings is None:
        skipped = ("the watch, the outlets, the database and the channels: the configuration must be right first",)
        return Checked(findings=tuple(findings), not_checked=skipped)
    findings += check_settings(settings, path)
    watch = _try(findings, lambda: load_watch(settings.watch, settings.config_dir))
    outlets = _try(findings, lambda: load_outlets(settings.config_dir))
    if watch is not None:
        findings += check_watch(watch)
        _try(findings, lambda: check_sites(settings.routes, watch))
    if outlets is not None:
        findings += check_outlets(outlets, settings)
    return Checked(
        findings=tuple(findings),
        not_checked=not_checked(settings),
        settings=settings,
        watch=watch,
        outlets=outlets,
    )


def check_settings(settings: Settings, path: Path | None) -> Iterator[Finding]:
    """What is odd about settings that could be read."""
    where = str(path) if path else "defaults and environment"
    yield Finding(level=Level.OK, what="The configuration can be read.", where=where)
    if path is None:
        todo = "Write one with `basewatch init`, go to the folder that holds it, or name it with --config."
        yield _warn("No file of settings is used: there is no basewatch.toml in this folder.", where, todo)
    if path is not None and FileSource(Settings, path).holds_secret and is_readable_by_others(path):
        yield _warn("It holds secrets and every user of this machine can read it.", where, f"Run `chmod 600 {path}`.")
    if not settings.contact:
        yield _warn("Outlets are not told whom to write to.", "contact", "Set contact to a mail address or page.")
    if not settings.crawler.enabled:
        yield _warn("The crawler is off: no new article is read.", "crawler.enabled", "Set it to true to read outlets.")
    if not settings.crawler.obey_robots:
        yield _warn("robots.txt is ignored.", "crawler.obey_robots", "Make sure that every outlet allows it.")
    yield from _check_folders(settings)
    yield from _check_channels(settings)
    yield from _check_routes(settings)


def check_watch(watch: Watch) -> Iterator[Finding]:
    """How much the watch holds, and the names that two of its sites claim."""
    names = sum(len(aliases) for site in watch.sites.values() for aliases in site.aliases.values())
    what = f"{len(watch.sites)} sites with {names} names, {len(watch.actors)} actors."
    yield Finding(level=Level.OK, what=what, where=f"watch {watch.name}")
    for clash in alias_clashes(watch):
        yield _warn(
            f"{clash.alias!r} ({clash.language}) is a name of {' and of '.join(clash.sites)}.",
            f"watch {watch.name}",
            "Nothing, if both are called so: the country and places nearby decide. Else take it from one of them.",
        )
    if not watch.sides.attackers:
        yield _warn("It names no attackers.", f"watch {watch.name}: sides.attackers", 'Set attackers = ["*"].')


def check_outlets(outlets: Mapping[str, Outlet], settings: Settings) -> Iterator[Finding]:
    """How many outlets are read, which addresses nobody tried, and whose pattern misses its own examples."""
    try:
        chosen = select_outlets(outlets, settings.crawler)
    except ConfigError as error:
        yield Finding(level=Level.ERROR, what=_sentence(error.reason), where=str(error.key), todo="Correct the slug.")
        return
    sources = [source for outlet in chosen.values() for source in outlet.live_sources]
    off = sum(not outlet.enabled for outlet in outlets.values())
    what = f"{len(chosen)} outlets with {len(sources)} sources are read; {off} are off, each with its reason."
    yield Finding(level=Level.OK, what=what, where="outlets")
    if not chosen and settings.crawler.enabled:
        yield Finding(
            level=Level.ERROR,
            what="No outlet is read.",
            where="crawler.outlets_only, crawler.outlets_off",
            todo="Let at least one outlet that is on through.",
        )
    untried = sorted(source.id for source in sources if "W(" not in source.confidence)
    if untried:
        yield _warn(
            f"Nobody is known to have seen {len(untried)} of them answer, such as {untried[0]}.",
            "outlets",
            "`basewatch outlets list --untried` names them. After a day look at `basewatch outlets health`; switch off "
            "those that fail with crawler.outlets_off.",
        )
    for outlet in outlets.values():
        yield from _check_patterns(outlet)


def not_checked(settings: Settings) -> tuple[str, ...]:
    """What these checks say nothing about, and what would."""
    channels = [name for name, channel in settings.channels.items() if channel.enabled]
    tests = ", ".join(f"`basewatch channels test {name}`" for name in channels)
    return (
        "whether outlets answer now: `basewatch outlets health` says what the daemon's polls met",
        f"whether channels accept a message: {tests or 'none is on'}",
        "whether this machine's clock is right: fresh and late are told apart by it",
        "whether the facts of the watch are still true: presence of forces changes, see its notes",
    )


def _check_folders(settings: Settings) -> Iterator[Finding]:
    data_dir, mine = settings.data_dir, settings.config_dir
    if not data_dir.is_dir():
        yield _fail(f"There is no folder {data_dir.absolute()}.", "data_dir", "Create it, writable for Basewatch.")
    elif not os.access(data_dir, os.W_OK):
        yield _fail(f"Basewatch may not write to {data_dir.absolute()}.", "data_dir", "Change its owner or its mode.")
    if mine is None or not mine.is_dir():  # whoever loads the data says so
        return
    for path in sorted(mine.rglob("*")):
        part = path.relative_to(mine).parts
        depth = 3 if part[0] == "watches" else 2
        if path.is_file() and (part[0] not in FOLDERS or path.suffix != ".toml" or len(part) != depth):
            todo = "Data are read from outlets, lexicon, phrases and furniture (/*.toml), and from watches/NAME/*.toml."
            yield _warn("This file is not read.", str(path), todo)


def _check_channels(settings: Settings) -> Iterator[Finding]:
    live = {name: channel for name, channel in settings.channels.items() if channel.enabled}
    if not any(NoticeKind.NEW in channel.notices for channel in live.values()):
        yield _fail("No channel that is on takes new alerts.", "channels", "Switch one on that takes notices 'new'.")
    elif all(channel.kind == "console" for channel in live.values()):
        yield _warn("Alerts go to the console alone.", "channels", "Add a webhook, slack or email channel.")
    for name, channel in live.items():
        where = f"channels.{name}"
        yield Finding(level=Level.OK, what=f"The settings of this {channel.kind} channel are complete.", where=where)
        if isinstance(channel, HttpChannel) and not channel.is_https:
            todo = "Use https unless the network in between is yours."
            yield _warn(f"Alerts to {channel.url_host} travel readable.", f"{where}.url", todo)
        if isinstance(channel, EmailSettings):
            yield from _check_mail(channel, where)


def _check_routes(settings: Settings) -> Iterator[Finding]:
    """Whether every incident finds a rule, and every channel is named by one."""
    if not settings.routes:
        return
    yield Finding(level=Level.OK, what=f"{len(settings.routes)} rules say who is told of what.", where="routes")
    if not takes_all(settings.routes):
        todo = "End with a rule that asks nothing, if only to a digest; or know that the rest is told to nobody."
        yield _warn("A notice that fits no rule is told to nobody.", "routes", todo)
    named = {name for route in settings.routes for name in (*route.channels, *route.escalate_to)}
    for name in sorted(named | set(settings.operator)):
        if not settings.channels[name].enabled:
            yield _warn("A rule sends here, and it is off.", f"channels.{name}", "Switch it on, or name another.")
    for name, channel in settings.channels.items():
        if channel.enabled and name not in named | set(settings.operator):
            yield _warn("No rule sends anything here.", f"channels.{name}", "Name it in a rule, or switch it off.")


def _check_mail(channel: EmailSettings, where: str) -> Iterator[Finding]:
    if channel.starttls == "off-insecure":
        what = "Mail" + (" and the password travel" if channel.password else " travels") + " readable."
        yield _warn(what, f"{where}.starttls", 'Use "required" or "implicit" if the server can.')
    elif not channel.verify_cert:
        todo = "Set it to true, with ca_file if the authority is your own."
        yield _warn("Anyone on the way can pose as the mail server.", f"{where}.verify_cert", todo)
    if channel.ca_file is not None and not channel.ca_file.is_file():
        yield _fail(f"There is no file {channel.ca_file}.", f"{where}.ca_file", "Correct its name.")


def _check_patterns(outlet: Outlet) -> Iterator[Finding]:
    where = f"{outlet.file}: outlet[{outlet.slug}].article_url"
    for url in outlet.examples:
        if not outlet.is_article(url):
            yield _fail(f"The pattern does not find its example {url}.", where, "Correct the pattern or the example.")
    for url in outlet.counter_examples:
        if outlet.is_article(url):
            yield _fail(f"The pattern finds {url}, which is no article.", where, "Correct the pattern or the example.")


def _try(findings: list[Finding], load: Callable[[], T]) -> T | None:
    """What ``load`` returns; None, and an error among the findings, where it raises ConfigError."""
    try:
        return load()
    except ConfigError as error:
        where = ": ".join(str(part) for part in (error.file, error.key) if part is not None)
        shipped = error.file is not None and Path(error.file).is_relative_to(DATA_DIR)
        todo = "This file is part of Basewatch: install it again." if shipped else "Correct it and check again."
        finding = _fail(_sentence(error.reason), where, todo)
        if finding not in findings:  # a folder that is not there keeps the watch and the outlets from being read
            findings.append(finding)
        return None


def _sentence(reason: str) -> str:
    """The reason of an error with a capital and a full stop, but a setting that it begins with as it is written."""
    first = reason.split(maxsplit=1)[0] if reason else ""
    start = reason if "." in first.rstrip(".") else reason[:1].upper() + reason[1:]
    return start if start.endswith((".", "?")) else start + "."


def _warn(what: str, where: str, todo: str) -> Finding:
    return Finding(level=Level.WARNING, what=what, where=where, todo=todo)


def _fail(what: str, where: str, todo: str) -> Finding:
    return Finding(level=Level.ERROR, what=what, where=where, todo=todo)
