"""The settings of the status page: where it listens, and who may read it."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from config.fields import Hosts, Line, Section, setting
from config.secret import Secret

TOKEN_MIN = 16  #: characters: a token that nobody guesses over the network


def _check_host(host: str) -> str:
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ip_address(host.strip("[]")))
    except ValueError:
        raise ValueError("must be an address of this machine such as 127.0.0.1, ::1 or 0.0.0.0") from None


def _check_token(token: Secret) -> Secret:
    text = token.reveal()
    if len(text) < TOKEN_MIN or not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError(
            f"must be at least {TOKEN_MIN} plain characters without a space: `openssl rand -hex 24` writes one"
        )
    return token


class PageSettings(Section):
    """The status page, with /healthz, /readyz and /metrics beside it."""

    enabled: bool = setting(True, "Serve the status page, /healthz, /readyz and /metrics.")
    host: Annotated[Line, AfterValidator(_check_host)] = setting(
        "127.0.0.1", "Address to listen on; beyond this machine only with a token."
    )
    port: int = setting(8420, "Port to listen on; 0: any that is free, told in the log.", ge=0, le=65535)
    token: Annotated[Secret, AfterValidator(_check_token)] | None = setting(
        None, "Asked for as password or bearer token, except by /healthz and /readyz."
    )
    hosts: Hosts = setting((), "Names under which a proxy or another machine reaches the page; needs a token.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.token is not None:
            return self
        if not self.address.is_loopback:
            raise ValueError(
                f"host {self.host} can be reached from other machines: set page.token "
                "(`openssl rand -hex 24` writes one), or keep 127.0.0.1"
            )
        if self.hosts:
            raise ValueError("hosts lets others reach the page: set page.token (`openssl rand -hex 24` writes one)")
        return self

    @property
    def address(self) -> IPv4Address | IPv6Address:
        return ip_address(self.host)
