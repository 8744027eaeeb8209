"""Values that must never be seen: they print as ``<secret>`` wherever they go.

``Secret`` hides a whole value; ``DatabaseAddress`` is a string that hides the password of a database URL.
"""

from __future__ import annotations

import hmac
import re
from typing import Annotated, NoReturn, Self

from pydantic import AfterValidator, GetCoreSchemaHandler, PlainSerializer
from pydantic_core import CoreSchema, core_schema

SHOWN = "<secret>"  #: what a secret prints as; refused as a value, since it can only come from a printed configuration


class Secret:
    """One secret. ``reveal()`` gives the value; str, repr, format, JSON and tracebacks give ``<secret>``.

    Compares in constant time and refuses to be pickled: no worker process or cache file receives it by accident.
    Prior art for refusing the printed form: Alertmanager's ``SecretURL``.
    """

    __slots__ = ("__value",)

    def __init__(self, value: str) -> None:
        """Raises ValueError for an empty value and for the word ``<secret>``."""
        if not value:
            raise ValueError("is empty")
        if SHOWN in value:
            raise ValueError(f"holds the word {SHOWN}, which is how secrets are printed: put the real value here")
        self.__value = value

    def reveal(self) -> str:
        return self.__value

    def __repr__(self) -> str:
        return SHOWN

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return format(SHOWN, spec)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__value.encode(), other.__value.encode())

    def __hash__(self) -> int:
        return hash(self.__value)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not pickled")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._from, serialization=core_schema.plain_serializer_function_ser_schema(str, when_used="json")
        )

    @classmethod
    def _from(cls, value: object) -> Secret:
        if isinstance(value, Secret):
            return value
        if not isinstance(value, str):
            raise ValueError("must be text in quotes")
        return cls(value)


_PASSWORD = re.compile(r"(?P<before>^[a-z0-9+]+://[^:/?#]*:)(?P<password>.*)(?P<after>@)", re.IGNORECASE)
_PASSWORD_OPTION = re.compile(r"(?P<before>[?&]password=)(?P<password>[^&]*)", re.IGNORECASE)


class DatabaseAddress(str):
    """A file name or SQLAlchemy URL; printed, its password is ``<secret>``.

    The string itself is the true address: hand it on as it is (``create_engine(address)``), or take ``reveal()``.
    """

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if not value:
            raise ValueError("is empty")
        if SHOWN in value:
            raise ValueError(f"holds the word {SHOWN}, which is how secrets are printed: put the real password here")
        return super().__new__(cls, str.__str__(value))  # of an address, str() would give the masked form

    def reveal(self) -> str:
        return str.__str__(self)

    @property
    def has_password(self) -> bool:
        return self._shown() != self.reveal()

    @property
    def is_url(self) -> bool:
        return "://" in self.reveal()

    def _shown(self) -> str:
        shown = _PASSWORD.sub(rf"\g<before>{SHOWN}\g<after>", self.reveal())
        return _PASSWORD_OPTION.sub(rf"\g<before>{SHOWN}", shown)

    def __str__(self) -> str:
        return self._shown()

    def __repr__(self) -> str:
        return repr(self._shown())

    def __format__(self, spec: str) -> str:
        return format(self._shown(), spec)


Database = Annotated[str, AfterValidator(DatabaseAddress), PlainSerializer(str, return_type=str, when_used="json")]
