"""Which channels take a notice."""

from __future__ import annotations

from collections.abc import Mapping

from config.channels import ChannelBase
from core.values import NoticeKind, Severity


def accepting(
    channels: Mapping[str, ChannelBase], *, kind: NoticeKind, severity: Severity | None, rings: bool, rang: bool
) -> tuple[str, ...]:
    """Names of the enabled channels whose settings take this notice, in the order of the configuration.

    ``severity`` is None for a notice without an incident; ``rang`` says that an earlier notice of the incident rang:
    a channel that takes only ringing notices takes what follows them too. A test is always taken.
    """
    return tuple(
        name
        for name, channel in channels.items()
        if channel.enabled and _takes(channel, kind, severity, rings=rings or rang)
    )


def _takes(channel: ChannelBase, kind: NoticeKind, severity: Severity | None, *, rings: bool) -> bool:
    if kind is NoticeKind.TEST:
        return True
    if kind not in channel.notices:
        return False
    if severity is None:  # digests and system notices concern no incident: they pass both bars
        return True
    return severity >= channel.min_severity and (rings or not channel.ring_only)
