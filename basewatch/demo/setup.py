"""The configuration under which the real daemon runs in the demo: the files that an operator would write."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from basewatch.demo.loopback import HOST
from basewatch.demo.mailbox import DESK, SENDER, USER
from basewatch.demo.newsroom import Newsroom, OutletServer

INTERVAL_S = 1.0  #: between two polls of a feed; an operator's is 60 to 300
DATABASE = "demo.db"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Where the demo's receivers listen, and what they ask for."""

    webhook_url: str
    webhook_secret: str
    chat_url: str
    mail_port: int
    mail_password: str
    ca_file: Path

    @property
    def hosts(self) -> tuple[str, ...]:
        return tuple(re.sub(r"^http://([^/]+)/.*$", r"\1", url) for url in (self.webhook_url, self.chat_url))


def write_config(folder: Path, newsroom: Newsroom, endpoints: Endpoints) -> Path:
    """Write basewatch.toml and the outlets' data file into ``folder``; the path of the former."""
    own = folder / "config" / "outlets"
    own.mkdir(parents=True)
    (own / "demo.toml").write_text("\n".join(map(_outlet, newsroom.outlets.values())), encoding="utf-8")
    path = folder / "basewatch.toml"
    path.touch(mode=0o600)
    path.write_text(_settings(folder, newsroom, endpoints), encoding="utf-8")
    return path


def _settings(folder: Path, newsroom: Newsroom, endpoints: Endpoints) -> str:
    channel = {
        "notices": ["new", "update", "correction", "system"]
    }  # a daily digest may fall into the demo: it is none
    tables: dict[str, Mapping[str, object]] = {
        "": {"database": str(folder / DATABASE), "data_dir": str(folder), "config_dir": str(folder / "config")},
        "log": {"level": "info"},
        "crawler": {
            "interval_s": INTERVAL_S,
            "min_interval_s": INTERVAL_S,
            "max_interval_s": 2,
            "per_host": 8,
            "outlets_only": list(newsroom.outlets),
            "allow_hosts": newsroom.hosts,
        },
        "alerts": {"classify_interval_s": 2},
        "delivery": {"interval_s": 1, "retry_schedule_s": [1, 2], "allow_hosts": endpoints.hosts},
        "health": {"canary": False},
        "page": {"enabled": False},
        "channels.webhook": {
            "kind": "webhook",
            "url": endpoints.webhook_url,
            "secrets": [endpoints.webhook_secret],
            **channel,
        },
        "channels.chat": {"kind": "slack", "url": endpoints.chat_url, **channel},
        "channels.email": {
            "kind": "email",
            "host": HOST,
            "port": endpoints.mail_port,
            "starttls": "required",
            "username": USER,
            "password": endpoints.mail_password,
            "from": SENDER,
            "to": [DESK],
            "ca_file": str(endpoints.ca_file),
            **channel,
        },
    }
    return "\n".join(_table(name, values) for name, values in tables.items())


def _outlet(server: OutletServer) -> str:
    outlet = server.outlet
    values: dict[str, object] = {
        "slug": outlet.slug,
        "name": outlet.name,
        "leaning": "independent",
        "languages": outlet.languages,
        "country": outlet.country,
        "time_zone": outlet.zone,
        "home": server.server.url + "/",
        "notes": "Invented, for the demo.",
    }
    if outlet.shape == "local_as_utc":
        values["feed_time"] = "local-as-utc"
    if outlet.shape == "no_dates":
        values["feed_time"] = "none"
        values["dateline"] = rf"^{re.escape(outlet.name)}\s*-\s*\S+\s*"
    selectors = {
        "no_dates": {"body": "//article[@id='article']//div[@id='newsDetails']//p", "time": "#postDate"},
        "windows_1256": {"body": ".details p", "time": ".date"},
        "local_as_utc": {"body": ".field-body p", "time": ".date"},
    }.get(outlet.shape, {})
    sources = [
        {"kind": "feed", "url": server.feed_url(lang), "lang": lang, "confidence": "G"} for lang in outlet.languages
    ]
    parts = [_table("[outlet]", values)]
    if selectors:
        parts.append(_table("outlet.selectors", selectors))
    return "\n".join(parts + [_table("[outlet.source]", source) for source in sources])


def _table(name: str, values: Mapping[str, object]) -> str:
    """One TOML table; a name in brackets makes it an entry of a list, an empty one the top of the file."""
    head = f"[{name}]\n" if name else ""
    return head + "".join(f"{key} = {_value(value)}\n" for key, value in values.items())


def _value(value: object) -> str:
    """A TOML value. JSON's strings, numbers and booleans are TOML's, too (TOML 1.0, "String")."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value)
