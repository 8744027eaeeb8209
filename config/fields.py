"""How a setting is declared: type helpers, and one line of help and a unit on each field."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

_HOST = re.compile(r"(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_.-]+)(?::\d{1,5})?")
_HAS_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Section(BaseModel):
    """A table of the configuration file: frozen, and an unknown key is an error."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, validate_by_name=True, validate_by_alias=True
    )


def setting(default: Any, text: str, *, unit: str | None = None, **constraints: Any) -> Any:
    """A field with its default, one line of help and its unit; ``constraints`` as pydantic's ``Field`` takes them.

    Returns Any because pydantic's own ``Field`` does: the annotation beside it is what counts.
    """
    return Field(default, description=text, json_schema_extra={"unit": unit} if unit else None, **constraints)


def _split(value: object) -> object:
    """Text from the environment becomes a list: values separated by commas or line ends."""
    if isinstance(value, str):
        return [part.strip() for part in re.split(r"[,\n]", value) if part.strip()]
    return value


def _check_hosts(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise ValueError(f"{host!r} is no host: write a name or address, its port if you like: 10.0.0.5:8443")
    return tuple(host.lower() for host in hosts)


def one_line(value: str) -> str:
    """The value; ValueError where a line break or control character could start a header of its own."""
    if _HAS_CONTROL.search(value):
        raise ValueError("holds a line break or control character")
    return value


Words = Annotated[tuple[str, ...], BeforeValidator(_split)]
Seconds = Annotated[tuple[float, ...], BeforeValidator(_split)]
Hosts = Annotated[tuple[str, ...], BeforeValidator(_split), AfterValidator(_check_hosts)]
Line = Annotated[str, AfterValidator(one_line)]
split_text = BeforeValidator(_split)
