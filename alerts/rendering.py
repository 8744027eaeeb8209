"""A message's body in HTML (for mail) and in Slack's blocks; plain text is in ``wording.py``.

All text from outside is escaped here, at the last step, by the rule of its format.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from alerts.wording import Body, Quote, SourceLine, quote_lines
from core.text import cut

# Slack's limits: https://docs.slack.dev/reference/block-kit/blocks (header 150, section 3,000, 50 blocks a message).
HEADER_LIMIT = 150
SECTION_LIMIT = 3_000
BLOCKS_LIMIT = 50
#: of the fallback text; Slack cuts at 40,000 and advises 4,000 (https://docs.slack.dev/changelog/2018-truncating-really-long-messages)
SLACK_TEXT_LIMIT = 4_000

Json = dict[str, Any]


# --- HTML


def html_body(body: Body) -> str:
    """A whole HTML document: no script, no remote picture, inline styles only; quotes carry ``lang`` and ``dir``."""
    parts = "\n".join(_html_parts(body))
    return (
        f'<!DOCTYPE html>\n<html lang="{body.language.code}" dir="{_direction(body.language.rtl)}">'
        '<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"></head>\n'
        '<body style="font-family:sans-serif;max-width:40em;line-height:1.4">\n'
        f"{parts}\n</body></html>\n"
    )


def _html_parts(body: Body) -> Iterator[str]:
    yield f'<h1 style="font-size:1.15em">{escape(body.first_line)}</h1>'
    for line in body.note:
        yield f'<p dir="auto">{escape(line)}</p>'
    if body.changes:
        items = "".join(f'<li dir="auto">{escape(line)}</li>' for line in body.changes)
        yield f'<ul style="font-weight:bold">{items}</ul>'
    if body.facts:
        rows = "".join(
            '<tr><th valign="top" style="text-align:start;padding-inline-end:1em">'
            f'{escape(label)}</th><td valign="top">{value}</td></tr>'
            for label, value in _html_facts(body)
        )
        yield f"<table>{rows}</table>"
    for quote in body.quotes:
        yield _html_quote(quote)
    if body.sources:
        items = "".join(_html_source(source) for source in body.sources)
        yield f"<p>{escape(body.language.say('sources'))}</p><ol>{items}</ol>"
    if body.more_sources:
        yield f"<p>{escape(body.language.say('more_sources', n=body.more_sources))}</p>"
    if body.act:
        yield f'<p style="font-size:.9em">{"<br>".join(map(escape, body.act))}</p>'
    for reason in body.reasons:
        yield f'<p dir="auto" style="color:#555;margin:.2em 0">{escape(reason)}</p>'
    yield f'<p style="color:#555"><bdi>{escape(body.id)}</bdi></p>'


def _html_facts(body: Body) -> Iterator[tuple[str, str]]:
    """Label and value, the value as HTML."""
    for label, value in body.facts:
        yield label, escape(value)
    if body.map is not None:
        yield body.language.word("label", "map"), _html_link(*body.map).strip()


def _direction(rtl: bool) -> str:
    return "rtl" if rtl else "ltr"


def _html_quote(quote: Quote) -> str:
    side = "right" if quote.rtl else "left"
    direction = _direction(quote.rtl)
    by = f"<bdi>{escape(quote.outlet)}</bdi> ({escape(quote.language)})"
    return (
        f'<blockquote lang="{escape(quote.lang)}" dir="{direction}" style="border-{side}:3px solid #888;'
        f'margin:1em 0;padding-{side}:.8em;text-align:{side}">{escape(quote.text)}</blockquote>'
        f"<p>— {by}{_html_link(quote.url, quote.host)}</p>"
    )


def _html_source(source: SourceLine) -> str:
    title = ""
    if source.title is not None:
        direction = _direction(source.title.rtl)
        title = f'<br><bdi lang="{escape(source.title.lang)}" dir="{direction}">{escape(source.title.text)}</bdi>'
    name = f"<bdi>{escape(source.outlet)}</bdi> ({escape(source.note)})"
    return f"<li>{name}{_html_link(source.url, source.host)}{title}</li>"


def _html_link(url: str | None, host: str) -> str:
    return f' <a href="{escape(url)}" rel="noreferrer" dir="ltr">{escape(host)}</a>' if url else ""


# --- Slack


def slack_escape(text: str, limit: int | None = None) -> str:
    """Text that Slack, and chats that speak its dialect, show as it is, at most ``limit`` characters.

    ``& < >`` become entities (https://docs.slack.dev/messaging/formatting-message-text), so no ``<!channel>``,
    ``<@U…>`` or ``<url|lie>`` survives; a zero-width space after ``@`` and inside ``](`` stops the mentions and links
    of Mattermost and Rocket.Chat, which read Markdown. Cut between entities, never inside one.
    """
    pieces = [_SLACK.get(char, char) for char in text.replace("](", "]\u200b(")]
    if limit is None or sum(map(len, pieces)) <= limit:
        return "".join(pieces)
    kept, room = [], limit - 1
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept).rstrip() + "…"


_SLACK = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "@\u200b"}


def slack_link(url: str, label: str) -> str:
    """``<url|label>``; the URL is percent-encoded by ``wording.safe_link`` and so holds no ``<``, ``>`` or ``|``."""
    return f"<{url.replace('&', '&amp;')}|{slack_escape(label)}>"


def slack_blocks(body: Body) -> list[Json]:
    """The body as Block Kit. Text from outside stands in ``plain_text``, where no markup is read at all."""
    blocks: list[Json] = [{"type": "header", "text": _plain(cut(body.first_line, HEADER_LIMIT), HEADER_LIMIT)}]
    blocks += _plain_sections(body.note)
    blocks += _plain_sections(body.changes)
    blocks += _plain_sections(body.labelled)
    for quote in body.quotes:
        blocks += _plain_sections(quote_lines(body, quote))
    if body.sources or body.map:
        blocks.append({"type": "section", "text": _sources(body)})
    blocks += _plain_sections(tuple(map(body.language.apart, body.reasons)))
    last: Json = {"type": "context", "elements": [_plain("\n".join([*body.act, f"[{body.id}]"]), 1_000)]}
    if len(blocks) < BLOCKS_LIMIT:
        return [*blocks, last]
    return [*blocks[: BLOCKS_LIMIT - 2], *_plain_sections((body.cut,)), last]


def _sources(body: Body) -> Json:
    """Links need ``mrkdwn``; ``verbatim`` keeps Slack from making links and mentions of its own."""
    lines, room, left_out = [], SECTION_LIMIT - 100, body.more_sources
    if body.map is not None:
        lines.append(f"{slack_escape(body.language.word('label', 'map'))}: {slack_link(*body.map)}")
        room -= len(lines[0]) + 1
    if body.sources:
        lines.append(slack_escape(body.language.say("sources")))
        room -= len(lines[-1]) + 1
    for position, source in enumerate(body.sources, 1):
        said = body.language.say("source", outlet=body.language.apart(source.outlet), note=source.note)
        name = slack_escape(_without_marks(f"{position}. {said}"), 300)
        line = f"{name} {slack_link(source.url, source.host)}" if source.url else name
        if room < len(line) + 1:
            left_out += 1
            continue
        lines.append(line)
        room -= len(line) + 1
    if left_out:
        lines.append(slack_escape(body.language.say("more_sources", n=left_out)))
    return {"type": "mrkdwn", "text": "\n".join(lines), "verbatim": True}


def _without_marks(text: str) -> str:
    """Slack's mrkdwn has no escape for its emphasis marks, so they are left out of names."""
    return text.translate({ord(mark): None for mark in "*_~`"})


def _plain(text: str, limit: int) -> Json:
    return {"type": "plain_text", "text": slack_escape(text, limit), "emoji": False}


def _plain_sections(lines: list[str] | tuple[str, ...]) -> list[Json]:
    """The lines in as few sections as their limit allows."""
    sections: list[str] = []
    for line in lines:
        text = slack_escape(line, SECTION_LIMIT)
        if sections and len(sections[-1]) + len(text) + 1 <= SECTION_LIMIT:
            sections[-1] += "\n" + text
        else:
            sections.append(text)
    return [{"type": "section", "text": {"type": "plain_text", "text": text, "emoji": False}} for text in sections]
