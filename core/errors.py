"""Everything that Basewatch raises on purpose.

::

    BasewatchError                a sentence that says what happened and what to do
    ├── ConfigError               a file that people edit is wrong: file, key, reason
    ├── InputError                what was handed to a command cannot be used
    ├── StorageError              the database is missing, locked, corrupt, newer or not ours
    ├── FetchError                an outlet could not be read; .cause_code is stable for counters
    └── DeliveryError             a notice was not accepted; .channel, .reason, .http_status where there was one
        ├── TransientFailure      try again later; .retry_after_s where the receiver said when
        ├── PermanentFailure      this message will never pass
        └── ChannelGone           the channel itself is gone or the token revoked: pause it, tell the operator

``str()`` of each is fit for a person and holds no URL with a token, no secret and no traceback.
"""

from __future__ import annotations

from pathlib import Path


class BasewatchError(Exception):
    """What happened and what to do, in one or two sentences."""


class ConfigError(BasewatchError):
    """A file that people edit is wrong."""

    def __init__(self, reason: str, *, file: Path | str | None = None, key: str | None = None) -> None:
        self.file, self.key, self.reason = file, key, reason
        where = ": ".join(str(part) for part in (file, key) if part is not None)
        super().__init__(f"{where}: {reason}" if where else reason)


class InputError(BasewatchError):
    """What was handed to a command cannot be used."""


class StorageError(BasewatchError):
    """The database cannot be used as it is."""


class FetchError(BasewatchError):
    """An outlet could not be read.

    ``cause_code`` is one of a fixed set of words (``crawler/outcomes.py``): counters and searches hold on to it.
    """

    def __init__(self, cause_code: str, message: str, *, retry_after_s: float | None = None) -> None:
        self.cause_code, self.retry_after_s = cause_code, retry_after_s
        super().__init__(message)


class DeliveryError(BasewatchError):
    """A notice was not accepted by its channel."""

    def __init__(self, channel: str, reason: str, *, http_status: int | None = None) -> None:
        self.channel, self.reason, self.http_status = channel, reason, http_status
        super().__init__(f"{channel}: {reason}")


class TransientFailure(DeliveryError):
    """The receiver may accept it later."""

    def __init__(
        self, channel: str, reason: str, *, retry_after_s: float | None = None, http_status: int | None = None
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(channel, reason, http_status=http_status)


class PermanentFailure(DeliveryError):
    """The receiver will never accept this message."""


class ChannelGone(DeliveryError):
    """The receiver will accept no message any more: its address or token is gone."""
