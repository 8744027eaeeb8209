"""The gate where the crawler's connections are opened: no private address is ever dialled.

A resolver on the Twisted reactor: every connection of Scrapy's stock handler asks it, literals and redirect targets too
(measured; other download handlers bypass it). It filters the very addresses that are dialled next, so that a name that
changes its address between two look-ups gains nothing. It belongs to the process, not to a spider: ``install`` puts it
on the reactor, and ``TWISTED_DNS_RESOLVER`` names it for the ``scrapy`` command.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from twisted.internet.interfaces import IAddress, IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface import implementer

from core.addresses import is_public
from crawler.urls import is_allowed_host

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

log = logging.getLogger(__name__)

_REMEMBERED = 1_000  #: refused hosts kept for telling "refused" from "unknown name"


@implementer(IHostnameResolver)
class GuardResolver:
    """Resolves as the reactor would, and passes on public addresses alone, or all of a host that the operator named."""

    def __init__(self, inner: Any, allowed: Iterable[str] = ()) -> None:
        self.inner = inner
        self.allowed = frozenset(host.lower() for host in allowed)
        self._refused: OrderedDict[str, str] = OrderedDict()

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: Any) -> GuardResolver:
        """What Scrapy calls for TWISTED_DNS_RESOLVER; ``BASEWATCH_ALLOW_HOSTS`` of the Scrapy settings is honoured."""
        current = reactor.nameResolver
        if isinstance(current, GuardResolver):
            return current
        return cls(current, crawler.settings.getlist("BASEWATCH_ALLOW_HOSTS"))

    def install_on_reactor(self) -> None:
        from twisted.internet import reactor

        if reactor.nameResolver is not self:
            reactor.installNameResolver(self)

    def refused_address(self, host: str) -> str | None:
        """The private address for which this host was refused last, None where it was not; asking forgets it."""
        return self._refused.pop(host.strip("[]").lower(), None)

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        receiver: Any = resolutionReceiver
        if not is_allowed_host(hostName, portNumber, self.allowed):
            receiver = _PublicOnly(resolutionReceiver, lambda address: self._refuse(hostName, address))
        resolution: IHostResolution = self.inner.resolveHostName(
            receiver, hostName, portNumber, addressTypes, transportSemantics
        )
        return resolution

    def _refuse(self, host: str, address: str) -> None:
        self._refused[host.lower()] = address
        self._refused.move_to_end(host.lower())
        while len(self._refused) > _REMEMBERED:
            self._refused.popitem(last=False)
        log.warning("Refused to connect to %s: its address is private", host, extra={"action": "address_refused"})


@implementer(IResolutionReceiver)
class _PublicOnly:
    """Passes on what may be dialled and reports the rest."""

    def __init__(self, receiver: Any, refuse: Any) -> None:
        self._receiver, self._refuse = receiver, refuse

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: Any) -> None:
        host = str(getattr(address, "host", ""))
        if is_public(host.split("%", 1)[0]):
            self._receiver.addressResolved(address)
        else:
            self._refuse(host)

    def resolutionComplete(self) -> None:
        self._receiver.resolutionComplete()


def install(reactor: Any, allowed: Iterable[str] = ()) -> GuardResolver:
    """The guard on this reactor, installed once; ``allowed`` (hosts or host:port) replaces what was allowed before."""
    guard = reactor.nameResolver
    if not isinstance(guard, GuardResolver):
        guard = GuardResolver(guard)
        reactor.installNameResolver(guard)
    guard.allowed = frozenset(host.lower() for host in allowed)
    return guard
