"""The demo's mail server: SMTP on loopback with STARTTLS and a login, and a mailbox that reads what came.

aiosmtpd serves it (it is a dependency for this alone: less code here, and a server that the daemon's client was not
written beside). Nothing is taken before STARTTLS and AUTH.
"""

from __future__ import annotations

import asyncio
import email.policy
import re
import secrets
import ssl
from email.message import EmailMessage
from email.parser import BytesParser
from types import TracebackType

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from basewatch.demo.loopback import HOST
from basewatch.demo.receivers import Arrival, Notify
from core.clock import utc_now

USER = "basewatch"
SENDER = "basewatch@demo.invalid"
DESK = "desk@demo.invalid"


class MailServer:
    """An async context manager; ``port`` is known once it is entered."""

    def __init__(self, notify: Notify, tls: ssl.SSLContext) -> None:
        self.password = secrets.token_urlsafe(18)
        self.port = 0
        self._notify, self._tls = notify, tls
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> MailServer:
        self._server = await asyncio.get_running_loop().create_server(self._session, HOST, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    def _session(self) -> asyncio.Protocol:
        server: asyncio.Protocol = SMTP(
            self,
            hostname="mail.demo.invalid",
            ident="Basewatch demo",
            tls_context=self._tls,
            require_starttls=True,
            auth_required=True,
            authenticator=self._login,
            loop=asyncio.get_running_loop(),
        )
        return server

    def _login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: object
    ) -> AuthResult:
        fits = (
            isinstance(auth_data, LoginPassword)
            and secrets.compare_digest(auth_data.login, USER.encode())
            and secrets.compare_digest(auth_data.password, self.password.encode())
        )
        return AuthResult(success=fits, handled=False)  # aiosmtpd sends the 235 or 535

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Called by aiosmtpd with a whole mail; what it answers goes to the client."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        arrival = read_mail(content, recipients=envelope.rcpt_tos, encrypted=session.ssl is not None)
        self._notify(arrival)
        return "250 2.0.0 In the mailbox" if arrival.accepted else f"554 5.6.0 {arrival.problem}"


def read_mail(content: bytes, *, recipients: list[str], encrypted: bool) -> Arrival:
    """The mail as the standard library's parser reads it, and what is wrong with it."""
    mail = BytesParser(EmailMessage, policy=email.policy.default).parsebytes(content)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    text = plain.get_content() if plain else ""
    problem = _problem(mail, text, rich.get_content() if rich else "", recipients, encrypted)
    return Arrival(
        channel="email",
        accepted=problem is None,
        notice_id=mail["X-Basewatch-Notice"],
        message_id=mail["Message-ID"],
        headline=str(mail["Subject"] or ""),
        text=text,
        at=utc_now(),
        problem=problem,
        answers=mail["In-Reply-To"],
    )


def _problem(mail: EmailMessage, text: str, rich: str, recipients: list[str], encrypted: bool) -> str | None:
    if not encrypted:
        return "came unencrypted"
    if mail.defects:
        return f"is malformed: {type(mail.defects[0]).__name__}"
    if recipients != [DESK] or DESK not in str(mail["To"]) or SENDER not in str(mail["From"]):
        return "goes to or comes from the wrong address"
    if not re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", str(mail["Message-ID"] or "")):
        return "has no Message-ID"
    if not text.strip() or "<html" not in rich.lower():
        return "lacks its text or its HTML part"
    if mail["Subject"] is None or not text.startswith(str(mail["Subject"])):
        return "has a subject that is not the first line of its text"
    return None
