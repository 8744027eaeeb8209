"""The commented configuration file that ``basewatch init`` writes.

It is made from the settings, so that it cannot say what they do not. ``config/basewatch.example.toml`` holds the same
text for readers of the repository: ``python -m config.init > config/basewatch.example.toml`` rewrites it, and a test
keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from config.channels import KINDS
from config.describe import Row, channel_rows, route_rows, section_rows, top_rows

_HEAD = """\
# Configuration of Basewatch. Each setting is optional: "#name = value" shows the default; take the # away to change it.
#
# Each setting may also come from the environment, which wins: BASEWATCH_ and its name in capitals, with __ between
# table and name (BASEWATCH_CRAWLER__INTERVAL_S=120; lists with commas). A secret may stand in a file of its own, named
# by NAME_file here or by NAME_FILE in the environment. Relative paths of files to read count from this file's folder.
#
# `basewatch check` tells what is wrong. Keep this file readable by you alone (chmod 600) once it holds a secret.
"""

_ROUTES = """
# Who is told of what: one table a rule, from the first to the last, as many as you like. With none, each channel takes
# what its own settings say. `basewatch routes explain INCIDENT` says what your rules did with an incident.
"""

_CHANNELS = """\
# Where alerts go: one table a channel, [channels.NAME], as many as you like. With none, alerts go to the console.
# `basewatch channels test NAME` sends a test. Every channel also takes:
"""

#: what the examples of required settings say
_EXAMPLES = {
    ("webhook", "url"): '"https://alerts.example.org/hooks/basewatch"',
    ("webhook", "secrets"): '["whsec_…"]',
    ("slack", "url"): '"https://hooks.slack.com/services/…"',
    ("slack_bot", "token"): '"xoxb-…"',
    ("slack_bot", "channel"): '"C0123456789"',
    ("teams", "url"): '"https://example.westeurope.logic.azure.com/workflows/…"',
    ("discord", "url"): '"https://discord.com/api/webhooks/…"',
    ("telegram", "token"): '"123456:…"',
    ("telegram", "chat"): '"-1001234567890"',
    ("mattermost", "url"): '"https://chat.example.org/hooks/…"',
    ("matrix", "token"): '"…"',
    ("matrix", "url"): '"https://matrix.example.org"',
    ("matrix", "room"): '"!abc:example.org"',
    ("ntfy", "url"): '"https://ntfy.sh/a-topic-that-nobody-guesses"',
    ("apprise", "url"): '"signal://…"',
    ("email", "host"): '"smtp.example.org"',
    ("email", "from"): '"Basewatch <basewatch@example.org>"',
    ("email", "to"): '["desk@example.org"]',
}
_NAMES = {"webhook": "ops", "slack": "chat", "email": "desk"}  #: of the example; other kinds go by their kind


def example_text() -> str:
    """The whole file, ending in a line end. Valid as it stands: it then says nothing but the defaults."""
    parts = [_HEAD, "\n".join(_lines(top_rows()))]
    for table, text, rows in section_rows():
        parts.append(f"\n# {text}\n[{table}]\n" + "\n".join(_lines(rows)))
    parts.append(_ROUTES + "#[[routes]]\n" + "\n".join(_route_lines()))
    parts.append("\n" + _CHANNELS + "\n".join(_common_lines()))
    parts += [f"\n#[channels.{_NAMES.get(kind, kind)}]\n" + "\n".join(_channel_lines(kind)) for kind in KINDS]
    return "\n".join(parts) + "\n"


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    for row in rows:
        yield f"# {_remark(row)}"
        yield f"#{row.key} = {row.default if row.default is not None else '…'}"


def _route_lines() -> Iterator[str]:
    for row in route_rows():
        shown = {"name": '"everything"', "channels": '["ops"]'}.get(row.key, row.default)
        yield f"# {_remark(row)}"
        yield f"#{row.key} = {shown if shown is not None else '…'}"


def _common_lines() -> Iterator[str]:
    """Set apart from the others: they belong into a channel's table, not where they stand here."""
    for row in channel_rows():
        yield f"#     {row.key} = {row.default if row.default is not None else '…'}"
        yield f"#         {_remark(row)}"


def _channel_lines(kind: str) -> Iterator[str]:
    for row in sorted(channel_rows(kind), key=lambda row: row.key != "kind"):
        shown = f'"{kind}"' if row.key == "kind" else _EXAMPLES.get((kind, row.key), row.default)
        yield f"# {_remark(row)}"
        yield f"#{row.key} = {shown if shown is not None else '…'}"


def _remark(row: Row) -> str:
    notes = [row.unit] if row.unit else []
    if row.required and row.key != "kind":
        notes.append("required")
    elif row.default is None and row.key != "kind":
        notes.append("unset")
    if row.may_be_file:
        notes.append(f"or {row.key}_file")
    if "`" in row.takes and row.key not in ("kind", "language"):
        notes.append(row.takes.replace("`", ""))
    return f"{row.text} [{'; '.join(notes)}]" if notes else row.text


if __name__ == "__main__":
    print(example_text(), end="")  # noqa: T201
