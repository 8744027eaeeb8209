"""No private address is dialled, whatever name, literal or redirect leads there."""

from __future__ import annotations

import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IResolutionReceiver
from zope.interface import implementer

from crawler.guard import GuardResolver


class Names:
    """A name server of the test: each look-up of a name takes its next answer."""

    def __init__(self, answers):
        self.answers = {name: list(rows) for name, rows in answers.items()}

    def resolveHostName(self, receiver, name, port=0, types=None, semantics="TCP"):
        receiver.resolutionBegan(None)
        rows = self.answers[name]
        for host in rows.pop(0) if len(rows) > 1 else rows[0]:
            receiver.addressResolved((IPv6Address if ":" in host else IPv4Address)("TCP", host, port))
        receiver.resolutionComplete()


@implementer(IResolutionReceiver)
class Dialler:
    def __init__(self):
        self.addresses, self.complete = [], False

    def resolutionBegan(self, resolution):
        pass

    def addressResolved(self, address):
        self.addresses.append(address.host)

    def resolutionComplete(self):
        self.complete = True


def dialled(guard, name, port=443):
    dialler = Dialler()
    guard.resolveHostName(dialler, name, port)
    assert dialler.complete
    return dialler.addresses


PRIVATE = [
    "127.0.0.1", "10.0.0.5", "192.168.1.1", "172.16.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fc00::1", "fec0::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "2002:7f00:1::", "2001::1", "::127.0.0.1", "fe80::1%eth0",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_is_not_passed_on(address):
    guard = GuardResolver(Names({"outlet.example": [[address]]}))
    assert dialled(guard, "outlet.example") == []
    assert guard.refused_address("Outlet.example") == address
    assert guard.refused_address("outlet.example") is None  # told once


def test_of_several_addresses_only_the_public_ones_are_dialled():
    public = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"]
    guard = GuardResolver(Names({"outlet.example": [["10.0.0.1", *public]]}))
    assert dialled(guard, "outlet.example") == public


def test_a_name_that_changes_its_address_is_judged_at_each_look_up():
    guard = GuardResolver(Names({"rebind.example": [["93.184.215.14"], ["127.0.0.1"]]}))
    assert dialled(guard, "rebind.example") == ["93.184.215.14"]
    assert dialled(guard, "rebind.example") == []


@pytest.mark.parametrize(
    ("allowed", "port", "passes"),
    [
        ("feeds.lan", 80, True),
        ("feeds.lan:8080", 8080, True),
        ("feeds.lan:8080", 80, False),
        ("other.lan", 80, False),
        ("lan", 80, False),
    ],
)
def test_the_operator_may_name_a_host_or_a_host_with_its_port(allowed, port, passes):
    guard = GuardResolver(Names({"feeds.lan": [["10.0.0.1"]]}), [allowed])
    assert dialled(guard, "feeds.lan", port) == (["10.0.0.1"] if passes else [])


@pytest.mark.parametrize(
    "literal", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0", "localhost", "::1"]
)
def test_odd_literals_reach_the_system_resolver_and_are_refused(on_reactor, literal):
    import asyncio

    async def look_up():
        from twisted.internet import reactor as installed

        done = asyncio.get_running_loop().create_future()

        class Waiting(Dialler):
            def resolutionComplete(self):
                done.set_result(self.addresses)

        inner = getattr(installed.nameResolver, "inner", installed.nameResolver)
        GuardResolver(inner).resolveHostName(Waiting(), literal, 80)
        return await asyncio.wait_for(done, 20)

    assert on_reactor(look_up()) == []
