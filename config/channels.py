"""The settings of the channels: where alerts go. One class a kind, told apart by ``kind``."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from config.fields import Line, Section, one_line, setting, split_text
from config.hours import WAKE_ANYWAY, WakeAnyway, Window, ZoneName
from config.secret import Secret
from core.values import NoticeKind, Severity

ACCEPTABLE = (NoticeKind.NEW, NoticeKind.UPDATE, NoticeKind.CORRECTION, NoticeKind.DIGEST, NoticeKind.SYSTEM)
_ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_NAMED_ADDRESS = re.compile(r"[^<>,;]*<([^<>]*)>")


def _check_kinds(kinds: tuple[NoticeKind, ...]) -> tuple[NoticeKind, ...]:
    if NoticeKind.TEST in kinds:
        raise ValueError("'test' is always accepted and need not be listed")
    return tuple(dict.fromkeys(kinds))


def _check_url(url: Secret) -> Secret:
    """The URL; ValueError, without the URL in it, where nothing could be sent to it."""
    try:
        parts = urlsplit(url.reveal())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise ValueError("is no URL that can be read") from None
    if parts.scheme not in ("https", "http"):
        raise ValueError("must start with https:// (or http:// for a host that you allow)")
    if not host:
        raise ValueError("names no host")
    if any(char.isspace() for char in url.reveal()):
        raise ValueError("holds a space or line break")
    return url


def _check_signing_secret(secret: Secret) -> Secret:
    """The secret, when it is ``whsec_`` and 24 to 64 bytes in base64 (Standard Webhooks, "Signature scheme")."""
    prefix, _, encoded = secret.reveal().partition("_")
    try:
        key = base64.b64decode(encoded, validate=True) if prefix == "whsec" else b""
    except binascii.Error:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError(
            'must be whsec_ and 24 to 64 bytes in base64: echo "whsec_$(openssl rand -base64 32)" writes one'
        )
    return secret


def _check_address(address: str) -> str:
    one_line(address)
    named = _NAMED_ADDRESS.fullmatch(address.strip())
    if not _ADDRESS.fullmatch(named.group(1).strip() if named else address.strip()):
        raise ValueError("is no mail address such as desk@example.org or Desk <desk@example.org>")
    return address.strip()


def _check_unsubscribe(where: str) -> str:
    one_line(where)
    if not (_ADDRESS.fullmatch(where) or re.fullmatch(r"https://[!-;=?-~]+", where)):
        raise ValueError("is neither a mail address nor an https address")
    return where


Unsubscribe = Annotated[str, AfterValidator(_check_unsubscribe)]


def _check_server(url: str) -> str:
    _check_url(Secret(url))
    return url.rstrip("/")


def _check_topic_url(url: Secret) -> Secret:
    topic = urlsplit(_check_url(url).reveal()).path.rstrip("/").rpartition("/")[2]
    if not re.fullmatch(r"[-_A-Za-z0-9]{1,64}", topic):
        raise ValueError("must end in a topic of letters, digits, - and _: https://ntfy.sh/your-topic")
    return url


def _check_bridge_url(url: Secret) -> Secret:
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", url.reveal()):
        raise ValueError("must be an Apprise URL such as signal://…: see https://appriseit.com")
    return url


Server = Annotated[str, AfterValidator(_check_server)]
TopicUrl = Annotated[Secret, AfterValidator(_check_topic_url)]
BridgeUrl = Annotated[Secret, AfterValidator(_check_bridge_url)]
Url = Annotated[Secret, AfterValidator(_check_url)]
SigningSecret = Annotated[Secret, AfterValidator(_check_signing_secret)]
Address = Annotated[str, AfterValidator(_check_address)]
Kinds = Annotated[tuple[NoticeKind, ...], split_text, AfterValidator(_check_kinds)]


class ChannelBase(Section):
    """What every channel has."""

    enabled: bool = setting(True, "Off keeps the settings but sends nothing.")
    min_severity: Severity = setting(Severity.S1, "Notices of incidents below this severity are not sent here.")
    notices: Kinds = setting(ACCEPTABLE, "Kinds of notices sent here; a test is always sent.")
    ring_only: bool = setting(False, "Send only notices that may wake people.")
    quiet_hours: Window | None = setting(
        None, "Time of the day in which notices are held back until it ends.", unit="22:00-06:00"
    )
    time_zone: ZoneName | None = setting(None, "Zone of quiet_hours; unset: delivery.time_zone.")
    wake_anyway: WakeAnyway = setting(WAKE_ANYWAY, "What may ring in quiet hours all the same.")
    language: Literal["en", "ar"] = setting("en", "Language of the text around the quotes: English or Arabic.")


class HttpChannel(ChannelBase):
    """What the channels that speak HTTP have in common."""

    allow_private: bool = setting(False, "Allow a private address or plain http for this channel's URL.")

    @property
    def address(self) -> str:
        """The URL itself, token and all."""
        raise NotImplementedError

    @property
    def url_host(self) -> str:
        """``host`` or ``host:port`` of the URL, lower case, without user, path and query: fit to be shown."""
        return urlsplit(self.address).netloc.rpartition("@")[2].lower()

    @property
    def is_https(self) -> bool:
        return self.address.lower().startswith("https:")


class UrlChannel(HttpChannel):
    """A channel whose URL is its key."""

    url: Url = setting(..., "Where to post; it may hold a token, so it is never printed.")

    @property
    def address(self) -> str:
        return self.url.reveal()


class TokenChannel(HttpChannel):
    """A channel with a token beside the server's URL."""

    token: Secret = setting(..., "The bot's or account's token.")


class WebhookSettings(UrlChannel):
    """Standard Webhooks: signed JSON to a URL of your own."""

    kind: Literal["webhook"] = setting("webhook", "Signed JSON posted to a URL (Standard Webhooks).")
    secrets: Annotated[tuple[SigningSecret, ...], split_text] = setting(
        ..., "One signing secret (whsec_…), two while you change it.", min_length=1, max_length=2
    )


class SlackSettings(UrlChannel):
    """An incoming webhook of Slack, or of Mattermost and Rocket.Chat, which take the same message."""

    kind: Literal["slack"] = setting("slack", "Incoming webhook of Slack or of a chat that takes the same message.")
    username: Line | None = setting(None, "Name shown beside the message, where the chat allows it.", max_length=80)


class SlackBotSettings(TokenChannel):
    """A Slack bot that posts into one channel, updates in threads."""

    kind: Literal["slack_bot"] = setting("slack_bot", "Slack with a bot's token: updates in threads.")
    channel: Line = setting(..., "Id of the channel (C…), at the foot of its details in Slack.", min_length=1)
    url: Server = setting("https://slack.com/api", "Where the Web API is.")

    @property
    def address(self) -> str:
        return self.url


class TeamsSettings(UrlChannel):
    """The webhook of a Teams workflow."""

    kind: Literal["teams"] = setting("teams", "Microsoft Teams: an adaptive card to a workflow's webhook.")


class DiscordSettings(UrlChannel):
    """A Discord webhook."""

    kind: Literal["discord"] = setting("discord", "Webhook of a Discord channel or forum.")
    forum: bool = setting(False, "The webhook is a forum's: each incident becomes a thread.")
    username: Line | None = setting(None, "Name shown beside the message.", max_length=80)


class TelegramSettings(TokenChannel):
    """A Telegram bot in one chat."""

    kind: Literal["telegram"] = setting("telegram", "Telegram: a bot's messages to a chat, group or channel.")
    chat: Annotated[str, Field(pattern=r"^(-?\d{1,20}|@[A-Za-z0-9_]{4,40})$")] = setting(
        ..., "Number of the chat (groups: -100…), or @name of a public channel."
    )
    topic: int | None = setting(None, "Topic (message_thread_id) of a forum group.", ge=1)
    url: Server = setting("https://api.telegram.org", "Where the Bot API is.")

    @property
    def address(self) -> str:
        return self.url


class MattermostSettings(UrlChannel):
    """An incoming webhook of Mattermost."""

    kind: Literal["mattermost"] = setting("mattermost", "Incoming webhook of Mattermost.")
    username: Line | None = setting(None, "Name shown beside the message, where the server allows it.", max_length=80)


class MatrixSettings(TokenChannel):
    """An account in a Matrix room."""

    kind: Literal["matrix"] = setting("matrix", "Matrix: messages to a room, updates in threads.")
    url: Server = setting(..., "Your homeserver.")
    room: Annotated[str, Field(pattern=r"^![^\s]{1,254}$")] = setting(..., "Id of the room: !…:example.org.")

    @property
    def address(self) -> str:
        return self.url


class NtfySettings(UrlChannel):
    """A topic of ntfy."""

    kind: Literal["ntfy"] = setting("ntfy", "Push notifications to the phones that follow an ntfy topic.")
    url: TopicUrl = setting(..., "Server and topic; the topic is as good as a password, so it is never printed.")
    token: Secret | None = setting(None, "Access token, where the topic asks for one.")


class AppriseSettings(ChannelBase):
    """Any service that Apprise knows."""

    kind: Literal["apprise"] = setting("apprise", "A service that Apprise knows (extra: basewatch[apprise]).")
    url: BridgeUrl = setting(..., "Apprise's URL of the service; it holds the token, so it is never printed.")
    form: Literal["full", "sms"] = setting("full", "`full`, or `sms`: one text message of 160 or 70 characters.")


class EmailSettings(ChannelBase):
    """Mail through an SMTP server."""

    kind: Literal["email"] = setting("email", "Mail through an SMTP server.")
    host: Line = setting(..., "Name of the SMTP server.", min_length=1)
    port: int | None = setting(None, "Port; without it 587, 465 or 25, as `starttls` asks.", ge=1, le=65535)
    starttls: Literal["required", "implicit", "off-insecure"] = setting(
        "required", "`required` (STARTTLS), `implicit` (TLS from the start), `off-insecure` (readable)."
    )
    username: Line | None = setting(None, "User name at the SMTP server.")
    password: Secret | None = setting(None, "Password at the SMTP server.")
    from_: Address = setting(..., "Sender.", alias="from")
    to: Annotated[tuple[Address, ...], split_text] = setting(..., "Receivers.", min_length=1, max_length=50)
    local_hostname: Line | None = setting(None, "Name used in EHLO and Message-ID; default: this machine's.")
    unsubscribe: Unsubscribe | None = setting(
        None, "Where people ask to be taken off (List-Unsubscribe): mail or https address; default: the sender."
    )
    verify_cert: bool = setting(True, "Check the server's certificate.")
    ca_file: Path | None = setting(None, "Certificate authority of the server, where it is your own (PEM).")

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.username is None) != (self.password is None):
            raise ValueError("username and password belong together: give both or neither")
        return self

    @property
    def port_used(self) -> int:
        return self.port or {"required": 587, "implicit": 465, "off-insecure": 25}[self.starttls]


class ConsoleSettings(ChannelBase):
    """Plain text on standard output."""

    kind: Literal["console"] = setting("console", "Plain text on standard output.")


ChannelSettings = Annotated[
    WebhookSettings
    | SlackSettings
    | SlackBotSettings
    | TeamsSettings
    | DiscordSettings
    | TelegramSettings
    | MattermostSettings
    | MatrixSettings
    | NtfySettings
    | EmailSettings
    | AppriseSettings
    | ConsoleSettings,
    Field(discriminator="kind"),
]
KINDS: dict[str, type[ChannelBase]] = {
    "webhook": WebhookSettings,
    "slack": SlackSettings,
    "slack_bot": SlackBotSettings,
    "teams": TeamsSettings,
    "discord": DiscordSettings,
    "telegram": TelegramSettings,
    "mattermost": MattermostSettings,
    "matrix": MatrixSettings,
    "ntfy": NtfySettings,
    "email": EmailSettings,
    "apprise": AppriseSettings,
    "console": ConsoleSettings,
}
