"""Opening a connection to a receiver: the name is resolved here and every address is judged before it is dialled.

This is the gate for all channels. It stands where the connection opens, so that neither an odd literal (``0x7f000001``)
nor a name that changes its address can lead a notice into the operator's own network. A private receiver is fine once
the operator has named it (``delivery.allow_hosts``).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable

from core.addresses import is_public

#: how long one address may take before the next of the same name is tried: a dead IPv6 route must not eat the deadline
PER_ADDRESS_S = 3.0

Resolve = Callable[[str, int], Awaitable[list[str]]]


class NameNotFound(OSError):
    """The receiver's name has no address."""


class AddressRefused(OSError):
    """Every address of the receiver's name is private, and the operator has not allowed the name."""


async def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order, without doubles. Raises OSError where there is none."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard:
    """Judges where a channel may connect to.

    ``allow_hosts`` holds names or addresses as they stand in a channel's settings, "host" or "host:port".
    """

    def __init__(self, allow_hosts: Iterable[str] = (), *, resolver: Resolve = resolve) -> None:
        self._allowed = frozenset(host.strip().casefold() for host in allow_hosts)
        self._resolve = resolver

    def allows(self, host: str, port: int) -> bool:
        """Whether the operator has named this host, or this host and port."""
        bare = host.strip("[]").casefold()
        spellings = {bare, f"{bare}:{port}", f"[{bare}]", f"[{bare}]:{port}"}
        return not self._allowed.isdisjoint(spellings)

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of ``host`` that may be dialled, best first. Raises NameNotFound or AddressRefused."""
        try:
            found = await self._resolve(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise NameNotFound(f"the name {host} was not found") from error
        if not found:
            raise NameNotFound(f"the name {host} was not found")
        if self.allows(host, port):
            return found
        public = [address for address in found if is_public(address)]
        if not public:
            raise AddressRefused(
                f"{host} is a private address, which is refused: add {host!r} to delivery.allow_hosts to allow it"
            )
        return public

    async def connect(self, host: str, port: int) -> socket.socket:
        """A connected, non-blocking socket to ``host``. Raises OSError; the caller closes the socket."""
        last: OSError | None = None
        for address in await self.addresses(host, port):
            try:
                async with asyncio.timeout(PER_ADDRESS_S):
                    return await _connect(address, port)
            except TimeoutError as error:
                last = OSError("the connection was not answered")
                last.__cause__ = error
            except OSError as error:
                last = error
        assert last is not None
        raise last


async def _connect(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(connection, (address, port))
    except BaseException:
        connection.close()
        raise
    return connection
