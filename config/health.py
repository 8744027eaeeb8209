"""The settings of Basewatch's own health: who hears that it lives, and what it does to be sure."""

from __future__ import annotations

from typing import Self
from urllib.parse import urlsplit

from pydantic import model_validator

from config.channels import Url
from config.fields import Section, setting


class HealthSettings(Section):
    """How Basewatch shows that it lives: a heartbeat to a service outside, and a daily test of the whole way."""

    heartbeat_url: Url | None = setting(
        None, "Posted to after each full cycle of fetch, classify and deliver; its silence is the alarm."
    )
    heartbeat_fail_url: Url | None = setting(None, "Posted to once when the cycle breaks and stays so.")
    heartbeat_interval_s: float = setting(300, "Least time between two posts to heartbeat_url.", unit="s", ge=1)
    allow_private: bool = setting(False, "Allow a private address or plain http for these URLs.")
    canary: bool = setting(True, "Send a made-up article the whole way at start and daily, told as TEST.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        for name in ("heartbeat_url", "heartbeat_fail_url"):
            url = getattr(self, name)
            if url is not None and not self.allow_private and url.reveal().lower().startswith("http:"):
                raise ValueError(f"{name} uses http, which anyone on the way can read: use https, or set allow_private")
        if self.heartbeat_fail_url is not None and self.heartbeat_url is None:
            raise ValueError("heartbeat_fail_url needs heartbeat_url: silence is the alarm that always works")
        return self

    @property
    def hosts(self) -> tuple[str, ...]:
        """``host`` or ``host:port`` of the URLs, lower case, without user, path and query."""
        urls = (url for url in (self.heartbeat_url, self.heartbeat_fail_url) if url is not None)
        return tuple(urlsplit(url.reveal()).netloc.rpartition("@")[2].lower() for url in urls)
