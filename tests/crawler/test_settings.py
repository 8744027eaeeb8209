"""Each default of Scrapy that is not safe is set, and stays set."""

from __future__ import annotations

import pytest
from scrapy.settings import Settings

from crawler import settings as project


@pytest.fixture
def effective():
    settings = Settings()
    settings.setmodule(project, priority="project")
    return settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DOWNLOAD_VERIFY_CERTIFICATES", True),
        ("DOWNLOAD_MAXSIZE", 8 * 1024 * 1024),
        ("DOWNLOAD_TIMEOUT", 30),
        ("DOWNLOAD_FAIL_ON_DATALOSS", True),
        ("TELNETCONSOLE_ENABLED", False),
        ("REMOTE_CONTROL_ENABLED", False),
        ("DUPEFILTER_CLASS", "scrapy.dupefilters.BaseDupeFilter"),
        ("COOKIES_ENABLED", False),
        ("RETRY_ENABLED", False),
        ("REDIRECT_ENABLED", False),
        ("METAREFRESH_ENABLED", False),
        ("HTTPCACHE_ENABLED", False),
        ("ROBOTSTXT_OBEY", False),
        ("HTTPPROXY_ENABLED", False),
        ("TWISTED_DNS_RESOLVER", "crawler.guard.GuardResolver"),
        ("DNSCACHE_ENABLED", False),
        ("TWISTED_REACTOR", "twisted.internet.asyncioreactor.AsyncioSelectorReactor"),
    ],
)
def test_the_safe_value_is_in_force(effective, name, value):
    assert effective[name] == value


def test_only_http_and_https_have_a_handler(effective):
    handlers = effective.getwithbase("DOWNLOAD_HANDLERS")
    assert {scheme for scheme, handler in handlers.items() if handler} == {"http", "https"}


def test_nothing_of_scrapy_runs_that_was_not_chosen(effective):
    assert effective.getdict("EXTENSIONS_BASE") == {}
    names = [name.rpartition(".")[2] for name in effective.getdict("DOWNLOADER_MIDDLEWARES_BASE")]
    assert names == [
        "HttpAuthMiddleware",
        "DownloadTimeoutMiddleware",
        "DefaultHeadersMiddleware",
        "UserAgentMiddleware",
        "HttpCompressionMiddleware",
    ]
