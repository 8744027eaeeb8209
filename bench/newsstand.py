"""A web server in a process of its own for ``basewatch bench crawl``: ``python -m bench.newsstand N_PAGES``.

It prints its port and answers on every loopback address, so that each source can be a host of its own: feeds that are
unchanged for whoever names their ETag, and pages of the usual size. It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import random
import sys
from functools import lru_cache

from bench.ordinary import NEWS, read_topics

ETAG = '"v1"'
PARAGRAPHS = 14
LINKS = 200  #: of menus and cards around the text: what makes a news page weigh 100 kB and more

UNCHANGED = f"HTTP/1.1 304 Not Modified\r\nETag: {ETAG}\r\n\r\n".encode()
MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


def feed(host: str, number: int, n_items: int) -> bytes:
    """The feed of source ``number``: its items lead to pages of the same host."""
    items = "".join(
        f"<item><title>{title(number, item)}</title><link>http://{host}/page/{number}/{item}</link>"
        f"<pubDate>Sun, 01 Mar 2026 {item % 24:02}:00:00 GMT</pubDate></item>"
        for item in range(n_items)
    )
    channel = f"<channel><title>Source {number}</title><link>http://{host}/</link>{items}</channel>"
    return f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0">{channel}</rss>'.encode()


@lru_cache(maxsize=4_096)
def title(number: int, item: int) -> str:
    return _sentences(random.Random(f"{number}/{item}"), 1)[0].rstrip(".")


@lru_cache(maxsize=4_096)
def page(number: int, item: int) -> bytes:
    """One article with what surrounds it on a news site."""
    source = random.Random(f"page {number}/{item}")
    text = "".join(f"<p>{' '.join(_sentences(source, 4))}</p>" for _ in range(PARAGRAPHS))
    links = [_card(source, number, n) for n in range(LINKS)]
    head = (
        f"<title>{title(number, item)} | Source {number}</title>"
        f'<meta property="og:title" content="{title(number, item)}">'
        '<meta property="article:published_time" content="2026-03-01T10:00:00+00:00">'
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-03-01T10:00:00Z"}</script>'
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8">{head}</head><body>'
        f"<nav><ul>{''.join(links[:60])}</ul></nav>"
        f'<main><article><h1>{title(number, item)}</h1><div class="body">{text}</div></article></main>'
        f"<aside><ul>{''.join(links[60:])}</ul></aside><footer>Source {number}</footer></body></html>"
    ).encode()


def _card(source: random.Random, number: int, item: int) -> str:
    """A teaser of another article, wrapped as such things are."""
    headline, teaser = _sentences(source, 2)
    return (
        f'<li class="card"><div class="card-inner"><a class="card-link" href="/page/{number}/{item}"><figure>'
        f'<img src="/image/{item}.jpg" alt=""><figcaption>{headline}</figcaption></figure></a><div class="card-body">'
        f'<h3 class="card-title"><a href="/page/{number}/{item}">{headline}</a></h3><p class="card-text">{teaser}</p>'
        f'<span class="meta"><time datetime="2026-03-01">1 March</time> | <i>World</i></span></div></div></li>'
    )


@lru_cache(maxsize=1)
def _pool() -> tuple[str, ...]:
    topics, _ = read_topics(NEWS)
    return tuple(
        sentence.replace("{", "").replace("}", "")
        for topic in topics["en"]
        for sentence in (*topic.titles, *topic.sentences)
    )


def _sentences(source: random.Random, count: int) -> list[str]:
    return [f"{source.choice(_pool())} {source.randrange(10_000)}." for _ in range(count)]


class Newsstand(asyncio.Protocol):
    """HTTP/1.1 with kept connections, as little of it as Scrapy needs."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport, self._received = transport, b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n")) >= 0:
            head, self._received = self._received[:end].decode("latin-1"), self._received[end + 4 :]
            self._transport.write(answer(head))


def answer(head: str) -> bytes:
    """The answer to a request's head."""
    first, *rest = head.split("\r\n")
    path = first.split(" ")[1]
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in rest)}
    match path.strip("/").split("/"):
        case ["feed", number, n_items]:
            if headers.get("if-none-match") == ETAG:
                return UNCHANGED
            return _ok(feed(headers["host"], int(number), int(n_items)), "application/rss+xml", f"ETag: {ETAG}\r\n")
        case ["page", number, item]:
            return _ok(page(int(number), int(item)), "text/html; charset=utf-8")
    return MISSING


def _ok(body: bytes, kind: str, more: str = "") -> bytes:
    return f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def serve(n_pages: int) -> None:
    """Serve until standard input ends; the first ``n_pages`` pages of ten feeds are written beforehand."""
    for number in range(10):
        for item in range(n_pages // 10):
            page(number, item)
    server = await asyncio.get_running_loop().create_server(Newsstand, "0.0.0.0", 0, backlog=1_024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
