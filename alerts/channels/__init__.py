"""The channels, one file each, and ``build_channels``, which makes those that the settings name.

To add one: its file here, a line in ``CHANNELS`` and in ``_build``, its settings in ``config/channels.py``, a test file
of the same name, a case in the contract test and a section in docs/delivery.md. A test walks the registry for all that.
"""

from __future__ import annotations

import ssl

from alerts.channels.apprise import Apprise
from alerts.channels.base import Channel, OutgoingMessage, Receipt
from alerts.channels.console import Console
from alerts.channels.discord import Discord
from alerts.channels.email import Email
from alerts.channels.matrix import Matrix
from alerts.channels.mattermost import Mattermost
from alerts.channels.ntfy import Ntfy
from alerts.channels.slack import Slack
from alerts.channels.slack_bot import SlackBot
from alerts.channels.teams import Teams
from alerts.channels.telegram import Telegram
from alerts.channels.webhook import Webhook
from alerts.dial import Guard
from alerts.http import HttpSender
from alerts.language import Language, names_of
from config import channels as kinds
from config.channels import ChannelSettings, EmailSettings, HttpChannel
from config.phrases import load_phrases
from config.settings import Settings
from config.watch import load_watch
from core.errors import ConfigError

CHANNELS: dict[str, type[Channel]] = {
    "webhook": Webhook,
    "slack": Slack,
    "slack_bot": SlackBot,
    "teams": Teams,
    "discord": Discord,
    "telegram": Telegram,
    "mattermost": Mattermost,
    "matrix": Matrix,
    "ntfy": Ntfy,
    "email": Email,
    "apprise": Apprise,
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
    if isinstance(channel, kinds.HttpChannel):
        return _build_http(name, channel, _sender(channel, settings), language)
    if isinstance(channel, kinds.EmailSettings):
        return _email(name, channel, settings, language)
    if isinstance(channel, kinds.AppriseSettings):
        deadline_s = settings.delivery.deadline_s
        return Apprise(name, url=channel.url.reveal(), deadline_s=deadline_s, form=channel.form, language=language)
    return Console(name, language=language)


def _build_http(name: str, channel: kinds.HttpChannel, sender: HttpSender, language: Language) -> Channel:
    url = channel.address
    match channel:
        case kinds.WebhookSettings():
            return Webhook(name, url=url, secrets=[secret.reveal() for secret in channel.secrets], sender=sender)
        case kinds.SlackSettings():
            return Slack(name, url=url, sender=sender, username=channel.username, language=language)
        case kinds.SlackBotSettings():
            token = channel.token.reveal()
            return SlackBot(name, url=url, token=token, room=channel.channel, sender=sender, language=language)
        case kinds.TeamsSettings():
            return Teams(name, url=url, sender=sender, language=language)
        case kinds.DiscordSettings():
            named = channel.username
            return Discord(name, url=url, sender=sender, forum=channel.forum, username=named, language=language)
        case kinds.TelegramSettings():
            token, chat = channel.token.reveal(), channel.chat
            return Telegram(
                name, url=url, token=token, chat=chat, topic=channel.topic, sender=sender, language=language
            )
        case kinds.MattermostSettings():
            return Mattermost(name, url=url, sender=sender, username=channel.username, language=language)
        case kinds.MatrixSettings():
            token = channel.token.reveal()
            return Matrix(name, url=url, token=token, room=channel.room, sender=sender, language=language)
        case kinds.NtfySettings():
            token_or_none = channel.token.reveal() if channel.token else None
            return Ntfy(name, url=url, token=token_or_none, sender=sender, language=language)
    raise AssertionError(channel.kind if hasattr(channel, "kind") else type(channel).__name__)


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
