"""What can be set, told from the settings themselves: the rows of docs/configuration.md and of the example file."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.channels import KINDS, ChannelBase
from config.reading import SECRET_KEYS
from config.routes import RouteSettings
from config.settings import Settings

COMMON = tuple(ChannelBase.model_fields)  #: keys that every channel has


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting as people read it."""

    table: str  #: "" at the top, else the table's name, such as "crawler" or "channels.NAME"
    key: str
    takes: str  #: "number", "true or false", "one of …"
    default: str | None  #: as TOML; None where there is none
    required: bool
    unit: str | None
    text: str
    kind: str | None = None  #: of the channel that has it; None for what all channels have
    may_be_file: bool = False  #: NAME_file is taken too

    @property
    def name(self) -> str:
        return f"{self.table}.{self.key}" if self.table else self.key


def top_rows() -> Iterator[Row]:
    """The settings outside every table."""
    for key, field in Settings.model_fields.items():
        if key not in ("channels", "routes") and section_of(field) is None:
            yield _row("", key, field)


def section_rows() -> Iterator[tuple[str, str, tuple[Row, ...]]]:
    """Each table with its help and its settings."""
    for key, field in Settings.model_fields.items():
        section = section_of(field)
        if section is not None:
            rows = tuple(_row(key, name, one) for name, one in section.model_fields.items())
            yield key, field.description or "", rows


def route_rows() -> Iterator[Row]:
    """The settings of a rule."""
    for name, field in RouteSettings.model_fields.items():
        yield _row("routes", field.alias or name, field)


def channel_rows(kind: str | None = None) -> Iterator[Row]:
    """The settings that every channel has, or those that a kind has beside them."""
    fields = KINDS[kind].model_fields if kind else ChannelBase.model_fields
    for name, field in fields.items():
        if kind is None or name not in COMMON:
            yield _row("channels.NAME", field.alias or name, field, kind)


def all_rows() -> Iterator[Row]:
    """Every setting, in the order of the configuration file."""
    yield from top_rows()
    for _, _, rows in section_rows():
        yield from rows
    yield from route_rows()
    yield from channel_rows()
    for kind in KINDS:
        yield from channel_rows(kind)


def markdown_table() -> str:
    """The table of docs/configuration.md; a test holds the page to it."""
    lines = ["| setting | takes | default | unit | what it does |", "|---|---|---|---|---|"]
    for row in all_rows():
        name = f"`{row.name}`" + (f" ({row.kind})" if row.kind else "")
        default = "required" if row.required else f"`{row.default}`" if row.default is not None else "unset"
        cells = (name, row.takes, default, row.unit or "", row.text)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines)


def toml_value(value: object) -> str:
    """The value as TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case StrEnum():
            return f'"{value.value}"'
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case Path() | str():
            return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'
        case tuple():
            return "[" + ", ".join(toml_value(item) for item in value) + "]"
    raise TypeError(f"no TOML value: {type(value).__name__}")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The class of a table; None for a single value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _row(table: str, key: str, field: FieldInfo, kind: str | None = None) -> Row:
    extra = field.json_schema_extra
    unit = extra.get("unit") if isinstance(extra, dict) else None
    required = field.is_required() or key == "kind"
    return Row(
        table=table,
        key=key,
        takes=_takes(field.annotation),
        default=None if required or field.default is None else toml_value(field.default),
        required=required,
        unit=str(unit) if unit else None,
        text=field.description or "",
        kind=kind,
        may_be_file=key in SECRET_KEYS,
    )


_PLAIN = {"bool": "true or false", "int": "whole number", "float": "number", "str": "text", "Path": "path"}


def _takes(annotation: object) -> str:
    """What a person writes there, in words."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        return _takes(args[0])
    if origin in (types.UnionType, typing.Union):
        return _takes(next(arg for arg in args if arg is not type(None)))
    if origin is Literal:
        return " or ".join(f"`{arg}`" for arg in args)
    if origin is tuple:
        return f"list of {_takes(args[0])}"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return " or ".join(f"`{member.value}`" for member in annotation if member.value != "test")
    name = getattr(annotation, "__name__", "")
    return "secret text" if name == "Secret" else _PLAIN[name]


if __name__ == "__main__":
    print(markdown_table())  # noqa: T201  `python -m config.describe` rewrites the table of the docs
