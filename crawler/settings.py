"""Scrapy's settings: a safe value for each default that is not, and why. Times in seconds, sizes in bytes.

These are the floor; ``crawler/engine.py`` puts the operator's numbers (timeouts, concurrency, User-Agent) on top.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from scrapy.settings.default_settings import DOWNLOADER_MIDDLEWARES_BASE as _SCRAPY_MIDDLEWARES

MIB = 1024 * 1024
try:
    _VERSION = version("basewatch")
except PackageNotFoundError:  # run from a bare checkout, not installed
    _VERSION = "0"

BOT_NAME = "basewatch"
SPIDER_MODULES = ["crawler.spiders"]
NEWSPIDER_MODULE = "crawler.spiders"
USER_AGENT = f"Basewatch/{_VERSION}"  # an honest name; outlets can write to the contact that is added to it

# One loop for crawler, classifier and delivery: Scrapy's own asyncio reactor, and its stock handler on it.
TWISTED_REACTOR = "twisted.internet.asyncioreactor.AsyncioSelectorReactor"
# The address guard. Works in process-wide settings only: in a spider's custom_settings Scrapy ignores it.
TWISTED_DNS_RESOLVER = "crawler.guard.GuardResolver"
# Scrapy's DNS cache never expires; the system's resolver has one that does.
DNSCACHE_ENABLED = False
REACTOR_THREADPOOL_MAXSIZE = 20  # name look-ups; ten that hang must not stop the others

# Default: certificates are not verified. A forged page could raise or hide an alert.
DOWNLOAD_VERIFY_CERTIFICATES = True
# Default: file:, ftp:, s3: and data: are on, and a redirect or a feed link could name them.
DOWNLOAD_HANDLERS = {"file": None, "ftp": None, "s3": None, "data": None}
# Default 1 GiB a body. Enforced after decompression too, in steps of 64 KB, so a bomb costs no more than this.
DOWNLOAD_MAXSIZE = 8 * MIB
DOWNLOAD_WARNSIZE = 0  # the size is counted by us, a line a page would fill the log
# Default 180. It is a total: a server that drips bytes is cut off too.
DOWNLOAD_TIMEOUT = 30
# A body shorter than promised is a failure, not a short article.
DOWNLOAD_FAIL_ON_DATALOSS = True

# Default: two consoles that listen on a port and run code. Telnet was exploitable from a web page once (Scrapy 1.5.2).
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Default: a URL is fetched once in a crawler's life, so that a feed would be polled once.
DUPEFILTER_CLASS = "scrapy.dupefilters.BaseDupeFilter"
# Retries are ours: they wait for Retry-After, per host, and live in the database. Scrapy's go out at once, on 429 too.
RETRY_ENABLED = False
# Redirects are ours: each hop passes address, scheme and robots rules before it is asked.
REDIRECT_ENABLED = False
METAREFRESH_ENABLED = False
# robots.txt is obeyed by crawler/robots.py, which keeps it 24 h; Scrapy's keeps it for ever, a failed one as "allow".
ROBOTSTXT_OBEY = False
# Conditional GET is ours, with validators byte for byte; a cache on disk would only hide changes.
HTTPCACHE_ENABLED = False
# No outlet needs a session, and a cookie lets it follow us.
COOKIES_ENABLED = False
REFERER_ENABLED = False
# A proxy from the environment would be dialled instead of the outlet, past the guard.
HTTPPROXY_ENABLED = False
HTTPERROR_ALLOW_ALL = True  # every status is an outcome to be counted

# Pacing is ours (crawler/politeness.py), round robin over hosts: Scrapy gets only what may go out now.
CONCURRENT_REQUESTS = 64
CONCURRENT_REQUESTS_PER_DOMAIN = 16
DOWNLOAD_DELAY = 0
# Scrapy starts so many tasks for each answer (default 100) to work on its items; our spider yields none. Measured: 100
# tasks an answer were more than half of the cost of a poll that is answered 304.
CONCURRENT_ITEMS = 1
AUTOTHROTTLE_ENABLED = False

# The crawler lives for months: no statistics dump, no line a minute, no feed exports, no memory watcher that mails.
STATS_DUMP = False
LOGSTATS_INTERVAL = 0
MEMUSAGE_ENABLED = False
LOG_LEVEL = "WARNING"  # DEBUG is a line a request
LOG_INSTALL_ROOT_HANDLER = False  # logging is set up by the daemon
LOG_VERSIONS: list[str] = []
DOWNLOADER_STATS = False

# What is switched off above is imported all the same, and brings aiohttp and requests with it (measured: 11 MiB). A
# name that is set to None in EXTENSIONS is imported, too, to be compared: only the lists beneath are taken as they are.
EXTENSIONS_BASE: dict[str, int] = {}
_NEEDED = ("httpauth", "downloadtimeout", "defaultheaders", "useragent", "httpcompression")
DOWNLOADER_MIDDLEWARES_BASE = {
    name: order for name, order in _SCRAPY_MIDDLEWARES.items() if name.split(".")[2] in _NEEDED
}

# Feeds first, then pages; no script, no picture.
DEFAULT_REQUEST_HEADERS = {
    "Accept": "application/rss+xml,application/atom+xml,application/xml;q=0.9,text/html;q=0.9,*/*;q=0.5",
    "Accept-Language": "en,ar;q=0.9,fa;q=0.8,ckb;q=0.8,*;q=0.5",
}
