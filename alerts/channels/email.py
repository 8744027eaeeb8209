"""Mail through an SMTP server: encrypted or not sent, threaded by Message-ID, one result per recipient."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from typing import Literal
from urllib.parse import quote

import aiosmtplib

from alerts.channels.base import OutgoingMessage, Receipt
from alerts.dial import AddressRefused, Guard, NameNotFound
from alerts.language import Language
from alerts.rendering import html_body
from alerts.wording import compose, fit, text_lines
from core.errors import ChannelGone, DeliveryError, PermanentFailure, TransientFailure
from core.text import cut, one_line
from core.values import NoticeKind

TEXT_LIMIT = 100_000  #: characters of the text part; mail has no limit that ours could meet, a runaway document could

MOST_HALF_SENT = 1_000  #: messages of which some recipients are remembered to have them

Tls = Literal["required", "implicit", "off-insecure"]


class Email:
    """Sends one mail to all recipients over one connection a message."""

    def __init__(
        self,
        name: str,
        *,
        host: str,
        port: int,
        sender: str,
        recipients: Sequence[str],
        guard: Guard,
        deadline_s: float,
        tls: Tls = "required",
        username: str | None = None,
        password: str | None = None,
        local_hostname: str | None = None,
        tls_context: ssl.SSLContext | None = None,
        unsubscribe: str | None = None,
        language: Language | None = None,
    ) -> None:
        self.name, self._language = name, language
        self._unsubscribe = unsubscribe
        self._host, self._port, self._tls = host, port, tls
        self._from, self._to = sender, tuple(recipients)
        self._username, self._password = username, password
        self._helo = local_hostname or _helo_name()
        self._guard, self._deadline_s = guard, deadline_s
        self._context = tls_context or ssl.create_default_context()
        # Who has a message that others have not yet: another attempt goes to the others only. Forgotten at a restart,
        # after which a double may arrive, under the same Message-ID.
        self._have: dict[str, frozenset[str]] = {}
        self._id_domain = local_hostname or parseaddr(sender)[1].rpartition("@")[2]

    async def send(self, message: OutgoingMessage, /) -> Receipt:
        mail = build_mail(
            message,
            sender=self._from,
            recipients=self._to,
            id_domain=self._id_domain,
            list_name=self.name,
            unsubscribe=self._unsubscribe,
            language=self._language,
        )
        try:
            async with asyncio.timeout(self._deadline_s):
                answer = await self._hand_over(mail, message.id)
        except DeliveryError:
            raise
        except TimeoutError as error:
            raise TransientFailure(self.name, f"no answer within {self._deadline_s:g} s") from error
        except (AddressRefused, NameNotFound) as error:
            raise TransientFailure(self.name, str(error)) from error
        except (aiosmtplib.SMTPResponseException, aiosmtplib.SMTPRecipientsRefused) as error:
            raise self._refusal(error) from error
        except aiosmtplib.SMTPNotSupported as error:
            raise PermanentFailure(self.name, "the server cannot take an address as it is written") from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TransientFailure(self.name, _broken(error)) from error
        return Receipt(remote_ref=message.thread_ref or mail["Message-ID"], answer=answer)

    async def aclose(self) -> None:
        """Nothing stays open between messages."""

    async def _hand_over(self, mail: EmailMessage, message_id: str) -> str:
        """The server's words once it has taken the mail for every recipient."""
        have = self._have.get(message_id, frozenset())
        missing = [address for address in self._bare() if address not in have]
        connection = await self._guard.connect(self._host, self._port)
        client = aiosmtplib.SMTP(
            hostname=self._host,
            sock=connection,
            local_hostname=self._helo,
            use_tls=self._tls == "implicit",
            start_tls=False,  # done below, where a server that hides STARTTLS gets its own sentence
            tls_context=self._context,
            timeout=self._deadline_s,
        )
        try:
            await client.connect()
            await self._encrypt_and_log_in(client)
            # Bytes, not the message: send_message would fold it anew by the policy that glues Arabic words.
            refused, answer = await client.sendmail(parseaddr(self._from)[1], missing, mail.as_bytes())
            self._note_recipients(message_id, have | (set(missing) - set(refused)), refused)
        finally:
            # QUIT is a courtesy that could only delay or fail a mail that is already taken. The socket is asyncio's
            # since ``connect``: closing it here, too, would hand its number to the next connection too early.
            client.close()
        return cut(one_line(answer), 200)

    async def _encrypt_and_log_in(self, client: aiosmtplib.SMTP) -> None:
        if self._tls == "required":
            await client.ehlo()
            if not client.supports_extension("starttls"):
                raise TransientFailure(
                    self.name, "the server offers no STARTTLS, so nothing was sent: no mail leaves in clear"
                )
            await client.starttls(server_hostname=self._host, tls_context=self._context)
        if self._username is None or self._password is None:
            return
        if self._tls == "off-insecure":
            raise PermanentFailure(self.name, "a password is never sent in clear: set starttls to required or implicit")
        try:
            await client.login(self._username, self._password)
        except aiosmtplib.SMTPAuthenticationError as error:
            if 400 <= error.code < 500:
                raise TransientFailure(self.name, f"login failed for now ({error.code})") from None
            # ``from None``: the server's words may echo what was sent.
            raise ChannelGone(self.name, f"the server refused user name and password ({error.code})") from None

    def _bare(self) -> list[str]:
        return [parseaddr(address)[1] for address in self._to]

    def _note_recipients(self, message_id: str, have: frozenset[str], refused: Mapping[str, tuple[int, str]]) -> None:
        """Remember who has the mail; raise for those who have not: 4xx later, 5xx never."""
        self._have.pop(message_id, None)
        for_now = sorted(address for address, (code, _) in refused.items() if 400 <= code < 500)
        if for_now:
            self._have[message_id] = have
            while len(self._have) > MOST_HALF_SENT:
                del self._have[next(iter(self._have))]
            raise TransientFailure(self.name, f"not accepted for now: {', '.join(for_now)}")
        if refused:
            told = ", ".join(f"{address} ({code})" for address, (code, _) in sorted(refused.items()))
            raise PermanentFailure(self.name, f"refused for good: {told}; the other recipients have the mail")

    def _refusal(
        self, error: aiosmtplib.SMTPResponseException | aiosmtplib.SMTPRecipientsRefused
    ) -> TransientFailure | PermanentFailure:
        """4xx: later; 5xx: never; all else: later. All recipients refused counts by its mildest code."""
        if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
            codes = [recipient.code for recipient in error.recipients]
        else:
            codes = [error.code]
        if any(code < 200 for code in codes):  # aiosmtplib's own: a line too long, or no line of SMTP
            return TransientFailure(self.name, "its answer cannot be read")
        if all(500 <= code < 600 for code in codes):
            return PermanentFailure(self.name, f"answered {codes[0]}: refused")
        return TransientFailure(self.name, f"answered {min(codes)}: not now")


class _SubjectPolicy(EmailPolicy):
    """SMTP's policy with subjects folded by ``email.header``.

    The folding of Python 3.11's newer API loses the space between two encoded words that it splits at one: an Arabic
    headline arrives with its words glued.
    """

    def fold(self, name: str, value: str) -> str:
        if name.lower() != "subject" or str(value).isascii():
            return str(super().fold(name, value))
        folded = Header(str(value), "utf-8", header_name=name, maxlinelen=75).encode(linesep=self.linesep)
        return f"{name}: {folded}{self.linesep}"

    def fold_binary(self, name: str, value: str) -> bytes:
        return self.fold(name, value).encode("ascii", "surrogateescape")


_POLICY = _SubjectPolicy(linesep=SMTP.linesep)


def build_mail(
    message: OutgoingMessage,
    *,
    sender: str,
    recipients: Sequence[str],
    id_domain: str,
    list_name: str = "alerts",
    unsubscribe: str | None = None,
    language: Language | None = None,
) -> EmailMessage:
    """The mail, with the same Message-ID at every attempt. No header can be forged from a headline.

    Fit for a server that signs it (DKIM, RFC 6376): each header once, in ASCII, folded below 78 characters; bodies in
    base64, which no relay rewraps; From and Message-ID of one domain. ``unsubscribe`` is where people ask to be taken
    off: a mail address or an https address; without one, the sender's own address (RFC 2369).
    """
    document = message.document
    body = compose(document, now=message.now, language=language)
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender
    mail["To"] = ", ".join(recipients)
    mail["Subject"] = body.first_line  # one clean line: EmailMessage would raise on a line separator
    mail["Date"] = format_datetime(message.now)
    mail["Message-ID"] = f"<{re.sub(r'[^A-Za-z0-9_.-]', '-', message.id)}@{id_domain}>"
    if message.thread_ref and message.thread_ref != mail["Message-ID"]:
        reference = one_line(message.thread_ref)
        mail["In-Reply-To"] = reference
        mail["References"] = reference
    mail["List-Id"] = f"<{list_name}.basewatch.{id_domain}>"  # RFC 2919: filters hold on to it
    mail["List-Unsubscribe"] = _unsubscribe(unsubscribe or parseaddr(sender)[1], list_name)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["X-Basewatch-Notice"] = body.id
    if document.notice.ring or document.notice.kind is NoticeKind.TEST:
        mail["Importance"] = "high"
    mail.set_content(fit(list(text_lines(body)), f"[{body.id}]", TEXT_LIMIT, body.cut), cte="base64")
    mail.add_alternative(html_body(body), subtype="html", cte="base64")
    return mail


def _unsubscribe(where: str, list_name: str) -> str:
    """The header's value; a mail address becomes a link that says which list is meant."""
    if "://" in where:
        return f"<{where}>"
    return f"<mailto:{quote(where, safe='@+')}?subject={quote('unsubscribe ' + list_name)}>"


def _helo_name() -> str:
    name = re.sub(r"[^A-Za-z0-9.-]", "", socket.gethostname())
    return name or "localhost"


def _broken(error: Exception) -> str:
    """What went wrong on the wire; never the library's text, which may quote what was sent."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its TLS certificate was not accepted: {cause.verify_message}"
        if isinstance(cause, ssl.SSLError):
            return "the TLS handshake failed"
        cause = cause.__cause__
    if isinstance(error, aiosmtplib.SMTPServerDisconnected):
        return "the server closed the connection"
    if isinstance(error, aiosmtplib.SMTPException) and not isinstance(error, OSError):
        return "the server does not speak SMTP as expected, or offers no login"
    return "could not connect"
