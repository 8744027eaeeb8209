"""`outlets poll` shows what each source of one outlet answers, and writes nothing unless told to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.crawler.newsstand import LONG, article_page, item, rss
from tests.fakes.server import ScriptedServer, html, reply, xml

MINE = """
[[outlet]]
slug = "mine"
name = "Mine [b]"
leaning = "private"
languages = ["en"]
country = "IQ"
time_zone = "Asia/Baghdad"
home = "{base}"
article_url = '^http://[^/]+/story/[a-z0-9-]+$'
examples = ["{base}/story/one"]
counter_examples = ["{base}/list"]
[[outlet.source]]
kind = "feed"
url = "{base}/rss"
lang = "en"
confidence = "G"
[[outlet.source]]
kind = "listing"
url = "{base}/list"
lang = "en"
spare = true
confidence = "G"
[[outlet.source]]
kind = "sitemap"
url = "{base}/map.xml"
lang = "en"
enabled = false
confidence = "G"
"""


@pytest.fixture
def home(tmp_path: Path):
    with ScriptedServer() as server:
        date = "<pubDate>Sun, 21 Apr 2024 20:51:07 +0300</pubDate>"
        server.route("/rss", xml(rss(item("/story/one", "Drone shot down", "Short.", date))))
        server.route("/story/one", html(article_page("Drone shot down", LONG)))
        server.route("/list", html("<html><body><a href='/story/one'>Drone shot down</a>"))
        server.route("/map.xml", reply(404))
        (tmp_path / "own" / "outlets").mkdir(parents=True)
        (tmp_path / "data").mkdir()
        (tmp_path / "own" / "outlets" / "mine.toml").write_text(MINE.format(base=server.url("").rstrip("/")))
        config = f'config_dir = "{tmp_path / "own"}"\ndata_dir = "{tmp_path / "data"}"\n'
        config += f'[crawler]\nallow_hosts = ["{server.netloc}"]\n'
        (tmp_path / "basewatch.toml").write_text(config)
        yield tmp_path


def run(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "basewatch", "outlets", "poll", *words, "--config", str(home / "basewatch.toml")]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=os.environ)


def test_each_source_is_asked_and_shown_and_nothing_is_written(home: Path) -> None:
    done = run(home, "mine")
    assert done.returncode == 0, done.stderr
    assert "Mine [b] (mine)" in done.stdout
    assert "mine-en (feed, en)" in done.stdout
    assert "1 entry, 1 with a time, the newest of 2024-04-21 17:51 UTC" in done.stdout
    assert "title    Drone shot down" in done.stdout
    assert f"text     {len(LONG.split())} words: {LONG[:60]}" in done.stdout
    assert "mine-en-listing (listing, spare)" in done.stdout
    assert "http_404" in done.stdout
    assert list((home / "data").iterdir()) == []


def test_with_store_its_articles_are_kept_once(home: Path) -> None:
    first, again = (json.loads(run(home, "mine", "--store", "--json").stdout) for _ in range(2))
    assert first["stored"]["new"] == 1
    assert again["stored"]["new"] == 0
    assert [source["cause"] for source in first["sources"]] == ["ok", "ok", "http_404"]
    assert first["sources"][0]["article"]["title"] == "Drone shot down"


def test_an_unknown_name_is_said_in_a_sentence(home: Path) -> None:
    done = run(home, "mien")
    assert done.returncode != 0
    assert "did you mean 'mine'?" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_to_do_is_said_where_an_entry_is_wrong(home: Path) -> None:
    entry = home / "own" / "outlets" / "mine.toml"
    text = entry.read_text().replace("[a-z0-9-]+$'", "[a-z0-9-]+/x$'").replace("/rss", "/list")
    entry.write_text(text.replace("[[outlet.source]]", "[outlet.selectors]\nbody = 'div.gone'\n[[outlet.source]]", 1))
    out = run(home, "MINE [B]").stdout
    assert 'it is a listing: kind = "listing"' in out  # a page where a feed was due
    assert "Look at article_url and its examples" in out  # no link of the listing fits
    entry.write_text(entry.read_text().replace('/list"\nlang', '/rss"\nlang', 1))
    out = run(home, "mine").stdout
    assert "article_url does not fit 1 of 1 addresses, such as http" in out
    assert "selectors body found nothing on the page" in out
    assert 'confidence = "W(poll)"' in out


def test_a_page_that_the_daemon_would_refuse_is_not_shown_as_read(tmp_path: Path) -> None:
    wall = "<html><head><title>Just a moment...</title></head><body>/cdn-cgi/challenge-platform/</body></html>"
    for answer, cause in (
        (html(wall), "blocked_page"),
        (reply(200, b"x", headers={"Content-Type": "image/png"}), "not_html"),
    ):
        with ScriptedServer() as server:
            server.route("/rss", xml(rss(item("/story/one", "Drone shot down near the base", "Short."))))
            server.route("/story/one", answer)
            folder = tmp_path / cause
            (folder / "own" / "outlets").mkdir(parents=True)
            mine = MINE.format(base=server.url("").rstrip("/"))
            (folder / "own" / "outlets" / "mine.toml").write_text(mine[: mine.index("[[outlet.source]]", 400)])
            (folder / "basewatch.toml").write_text(
                f'config_dir = "{folder / "own"}"\n[crawler]\nallow_hosts = ["{server.netloc}"]\n'
            )
            (look,) = json.loads(run(folder, "mine", "--json").stdout)["sources"]
        assert look["article"]["page_cause"] == cause
        assert look["article"]["title"] == "Drone shot down near the base"
