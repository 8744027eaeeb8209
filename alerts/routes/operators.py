"""Who hears how Basewatch itself does: the route of system notices."""

from __future__ import annotations

from collections.abc import Iterable

from config.settings import Settings
from core.values import NoticeKind


def operators(settings: Settings, channels: Iterable[str] | None = None, *, but: str | None = None) -> tuple[str, ...]:
    """Names of the channels that get system notices: those of ``operator``, or all where it names none.

    ``channels``: those that there are; default: the enabled ones. ``but``: the channel that is in trouble. Where that
    leaves nobody, every other channel is told: trouble that nobody hears of is worse than one message too many.
    """
    if channels is None:
        channels = [name for name, channel in settings.channels.items() if channel.enabled]
    able = [name for name in channels if name != but and _takes_system(settings, name)]
    chosen = tuple(name for name in able if not settings.operator or name in settings.operator)
    return chosen or tuple(able)


def _takes_system(settings: Settings, name: str) -> bool:
    configured = settings.channels.get(name)
    return configured is None or NoticeKind.SYSTEM in configured.notices
