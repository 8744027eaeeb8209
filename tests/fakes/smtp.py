"""A real SMTP server on loopback (aiosmtpd) that remembers its mail and refuses as it is told."""

from __future__ import annotations

import ssl
import threading
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.fakes.certificates import self_signed


class MailServer:
    """A context manager. ``host`` and ``port`` say where; ``mails`` holds what was accepted, parsed."""

    def __init__(
        self,
        *,
        starttls: bool = True,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.logins: list[tuple[bool, str]] = []  #: whether the connection was encrypted, and the user name
        self.commands: list[str] = []  #: MAIL, RCPT and DATA as they came
        self.answers: dict[str, list[str]] = {}  #: by "MAIL", "DATA", or a recipient: answers to give, then none
        self.hang: threading.Event | None = None
        self._login, self._stopped = login, False
        context, self.certificate = self_signed(host)
        self._controller = _Controller(
            self,
            starttls=context if starttls and not implicit else None,
            hostname=host,
            port=0,
            ssl_context=context if implicit else None,
            authenticator=self._check if login else None,
        )

    @property
    def host(self) -> str:
        return str(self._controller.hostname)

    @property
    def port(self) -> int:
        return int(self._controller.port)

    def trusting(self) -> ssl.SSLContext:
        """A client context that trusts this server alone."""
        return ssl.create_default_context(cadata=self.certificate.decode())

    def __enter__(self) -> MailServer:
        self._controller.start()
        return self

    def __exit__(self, *args: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Stop listening; may be called twice."""
        if self.hang is not None:
            self.hang.set()
        if not self._stopped:
            self._stopped = True
            self._controller.stop()

    def _check(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        given = (data.login.decode(), data.password.decode())
        self.logins.append((server.transport.get_extra_info("sslcontext") is not None, given[0]))
        return AuthResult(success=given == self._login, handled=False)  # the answer is left to aiosmtpd

    def _next(self, key: str) -> str | None:
        answers = self.answers.get(key)
        return answers.pop(0) if answers else None

    # aiosmtpd's hooks

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"MAIL {address}")
        envelope.mail_from = address
        return self._next("MAIL") or "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.commands.append(f"RCPT {address}")
        answer = self._next(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.commands.append("DATA")
        if self.hang is not None:
            await server.loop.run_in_executor(None, self.hang.wait, 30)
        answer = self._next("DATA")
        if answer == "drop":
            server.transport.abort()
            return "421 gone"
        if answer is None:
            content = envelope.content
            assert isinstance(content, bytes)
            parsed = message_from_bytes(content, policy=default)
            assert isinstance(parsed, EmailMessage)
            self.mails.append(parsed)
            self.envelopes.append(envelope)
        return answer or "250 queued"


class _Controller(Controller):
    def __init__(
        self, handler: MailServer, *, starttls: ssl.SSLContext | None, authenticator: Any, **options: Any
    ) -> None:
        self._starttls, self._authenticator = starttls, authenticator
        super().__init__(handler, ready_timeout=10, **options)

    def factory(self) -> SMTP:
        return SMTP(
            self.handler,
            hostname="mail.test",
            tls_context=self._starttls,
            authenticator=self._authenticator,
            auth_require_tls=False,  # a careless server: our side must be the one that keeps the password in
        )

    def _trigger_server(self) -> None:
        """The base class tries the port it was given; ours was 0, and is known by now."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()
