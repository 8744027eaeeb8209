"""The channels, one file each, and ``build_channels``, which makes those that the settings name.

To add one: its file here, a line in ``CHANNELS`` and in ``_build``, its settings in ``config/channels.py``, a test file
of the same name, a case in the contract test and a section in docs/delivery.md. A test walks the registry for all that.
"""

from __future__ import annotations

import ssl

from alerts.channels.base import Channel, OutgoingMessage, Receipt
from alerts.channels.console import Console
from alerts.channels.email import Email
from alerts.channels.slack import Slack
from alerts.channels.webhook import Webhook
from alerts.dial import Guard
from alerts.http import HttpSender
from alerts.language import Language, names_of
from config.channels import ChannelSettings, EmailSettings, HttpChannel, SlackSettings, WebhookSettings
from config.phrases import load_phrases
from config.settings import Settings
from config.watch import load_watch
from core.errors import ConfigError

CHANNELS: dict[str, type[Channel]] = {
    "webhook": Webhook,
    "slack": Slack,
    "email": Email,
    "console": Console,
}


def build_channels(settings: Settings) -> dict[str, Channel]:
    """The enabled channels by name. Raises ConfigError where one cannot be made (a CA file that is missing)."""
    enabled = {name: channel for name, channel in settings.channels.items() if channel.enabled}
    languages = {code: load_language(code, settings) for code in {channel.language for channel in enabled.values()}}
    return {name: _build(name, channel, settings, languages[channel.language]) for name, channel in enabled.items()}


def load_language(code: str, settings: Settings) -> Language:
    """A channel's language, with the watch's names of sites and actors in it. Raises ConfigError."""
    phrases = load_phrases(code, settings.config_dir)
    if code == "en":
        return Language(phrases=phrases)
    return Language(phrases=phrases, names=names_of(load_watch(settings.watch, settings.config_dir), code))


def _build(name: str, channel: ChannelSettings, settings: Settings, language: Language) -> Channel:
    if isinstance(channel, WebhookSettings):
        secrets = [secret.reveal() for secret in channel.secrets]
        return Webhook(name, url=channel.url.reveal(), secrets=secrets, sender=_sender(channel, settings))
    if isinstance(channel, SlackSettings):
        sender = _sender(channel, settings)
        return Slack(name, url=channel.url.reveal(), sender=sender, username=channel.username, language=language)
    if isinstance(channel, EmailSettings):
        return _email(name, channel, settings, language)
    return Console(name, language=language)


def _sender(channel: HttpChannel, settings: Settings) -> HttpSender:
    """A sender of its own for each channel, so that what the operator allows one channel is allowed to no other."""
    allowed = settings.delivery.allow_hosts
    if channel.allow_private:
        allowed = (*allowed, channel.url_host)
    return HttpSender(Guard(allowed), deadline_s=settings.delivery.deadline_s)


def _email(name: str, channel: EmailSettings, settings: Settings, language: Language) -> Email:
    # The operator writes the mail server's name by hand, and it is a machine of their own more often than not: naming
    # it is the permission. A webhook's URL is pasted from elsewhere, which is why it needs one.
    guard = Guard((*settings.delivery.allow_hosts, channel.host))
    return Email(
        name,
        host=channel.host,
        port=channel.port_used,
        sender=channel.from_,
        recipients=channel.to,
        guard=guard,
        deadline_s=settings.delivery.deadline_s,
        tls=channel.starttls,
        username=channel.username,
        password=channel.password.reveal() if channel.password else None,
        local_hostname=channel.local_hostname,
        tls_context=_tls_context(name, channel),
        unsubscribe=channel.unsubscribe,
        language=language,
    )


def _tls_context(name: str, channel: EmailSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=channel.ca_file)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"cannot be read as certificates (PEM): {channel.ca_file}", key=f"channels.{name}.ca_file"
        ) from error
    if not channel.verify_cert:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


__all__ = ["CHANNELS", "Channel", "OutgoingMessage", "Receipt", "build_channels"]
