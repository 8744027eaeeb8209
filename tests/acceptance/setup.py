"""A configuration for one loopback outlet and one loopback webhook."""

from __future__ import annotations

from pathlib import Path

from tests.acceptance.inbox import SECRET, Inbox
from tests.acceptance.newsroom import Newsroom

CONFIG = """
data_dir = "{folder}"
config_dir = "{folder}"
contact = "tests@example.org"

[crawler]
interval_s = 1
min_interval_s = 1
outlets_only = ["loopback-shafaq"]
allow_hosts = ["{outlet_host}"]

[delivery]
allow_hosts = ["{hook_host}"]
retry_schedule_s = [1]

{health}
[page]
enabled = {page}
port = 0

[channels.hook]
kind = "webhook"
url = "{hook_url}"
secrets = ["{secret}"]
{more}
"""

NO_CANARY = "[health]\ncanary = false\n"

OUTLET = """
[[outlet]]
slug = "loopback-shafaq"
name = "Shafaq on loopback"
family = "loopback-shafaq"
leaning = "independent"
languages = ["en"]
country = "IQ"
time_zone = "Asia/Baghdad"
home = "http://{host}/en"
dateline = '^(?:Shafaq News ?(?:/|[-–] ?[A-Z][A-Za-z]+))'

[outlet.selectors]
body = "#newsDetails p"
time = "#postDate"

[[outlet.source]]
kind = "feed"
lang = "en"
url = "{feed}"
confidence = "G"
feed_time = "none"
"""


def write_config(
    folder: Path,
    newsroom: Newsroom,
    inbox: Inbox,
    *,
    more: str = "",
    health: str = "[health]\ncanary = false\n",
    page: bool = False,
) -> Path:
    """The path of a configuration that watches ``newsroom`` and tells ``inbox``."""
    (folder / "outlets").mkdir(exist_ok=True)
    outlet = OUTLET.format(host=newsroom.server.netloc, feed=newsroom.feed_url)
    (folder / "outlets" / "loopback.toml").write_text(outlet, encoding="utf-8")
    config = folder / "basewatch.toml"
    config.write_text(
        CONFIG.format(
            folder=folder,
            outlet_host=newsroom.server.netloc,
            hook_host=inbox.server.netloc,
            hook_url=inbox.url,
            secret=SECRET,
            more=more,
            health=health,
            page=str(page).lower(),
        ),
        encoding="utf-8",
    )
    config.chmod(0o600)
    return config
