"""Which addresses Basewatch may connect to: one predicate for the crawler and for every channel.

It is asked about the address that is about to be dialled, after name resolution and after each redirect, so that
neither an odd literal (``0x7f000001``), a redirect nor a name that changes its address reaches the operator's network.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# ``ipaddress`` (3.11) calls these global, yet each can carry or is a private address:
# NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), Teredo (RFC 4380), deprecated site-local (RFC 3879),
# 6to4 relay anycast (RFC 7526).
_NOT_PUBLIC = tuple(
    ip_network(block)
    for block in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "fec0::/10", "192.88.99.0/24")
)


def is_public(address: str | IPv4Address | IPv6Address) -> bool:
    """True for an address of the open internet; False for every other one, and for what is no address."""
    try:
        ip = ip_address(address) if isinstance(address, str) else address
    except ValueError:
        return False
    if isinstance(ip, IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(ip.ipv4_mapped)
        # ``::127.0.0.1`` (IPv4-compatible, deprecated): the first 96 bits are zero.
        if int(ip) >> 32 == 0:
            return False
    if not ip.is_global or ip.is_multicast or ip.is_reserved:
        return False
    return not any(ip.version == block.version and ip in block for block in _NOT_PUBLIC)
