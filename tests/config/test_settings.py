"""Settings come from a file and the environment; what is wrong names file, key and reason; a secret shows nowhere."""

from __future__ import annotations

import copy
import json
import logging
import pickle
import traceback
from pathlib import Path

import pytest

from config.channels import ConsoleSettings, EmailSettings, SlackSettings, WebhookSettings
from config.secret import DatabaseAddress, Secret
from config.settings import Settings, load_settings
from core.errors import ConfigError
from core.values import NoticeKind, Severity

SENTINEL = "hunter2-sentinel"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OPS = f"""
[channels.ops]
kind = "webhook"
url = "https://hooks.example.org/{SENTINEL}"
secrets = ["{SIGNING}"]
"""
MAIL = f"""
[channels.desk]
kind = "email"
host = "smtp.example.org"
from = "Basewatch <watch@example.org>"
to = ["desk@example.org"]
username = "watch"
password = "{SENTINEL}"
"""


def settings_of(folder: Path, text: str, **environ: str) -> Settings:
    path = folder / "basewatch.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    return load_settings(path, environ=environ)


def problem_of(folder: Path, text: str, **environ: str) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        settings_of(folder, text, **environ)
    return caught.value


def test_without_file_and_environment_the_defaults_hold_and_alerts_go_to_the_console() -> None:
    settings = load_settings(None, environ={})
    assert settings == Settings()
    assert settings.channels == {"console": ConsoleSettings()}
    assert settings.database == "basewatch.db"
    assert settings.alerts.ring_min_severity is Severity.S3


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    settings = settings_of(
        tmp_path, "[crawler]\ninterval_s = 120\nconcurrency = 4\n", BASEWATCH_CRAWLER__INTERVAL_S="90"
    )
    assert (settings.crawler.interval_s, settings.crawler.concurrency, settings.crawler.per_host) == (90, 4, 2)


def test_lists_in_the_environment_are_separated_by_commas() -> None:
    environ = {
        "BASEWATCH_CRAWLER__OUTLETS_OFF": "rudaw, sana",
        "BASEWATCH_DELIVERY__RETRY_SCHEDULE_S": "1,2.5",
        "BASEWATCH_CHANNELS__OUT__KIND": "console",
        "BASEWATCH_CHANNELS__OUT__NOTICES": "new,correction",
    }
    settings = load_settings(None, environ=environ)
    assert settings.crawler.outlets_off == ("rudaw", "sana")
    assert settings.delivery.retry_schedule_s == (1, 2.5)
    assert settings.channels["out"].notices == (NoticeKind.NEW, NoticeKind.CORRECTION)


def test_empty_variables_and_those_of_a_container_platform_are_no_settings() -> None:
    environ = {
        "BASEWATCH_CONTACT": "",
        "BASEWATCH_CONFIG": "/etc/basewatch.toml",
        "BASEWATCH_DIE_AT": "",
        "BASEWATCH_SERVICE_HOST": "10.0.0.1",
        "BASEWATCH_PORT": "tcp://10.0.0.1:80",
        "BASEWATCH_PORT_80_TCP_ADDR": "10.0.0.1",
        "BASEWATCH_PAGE_SERVICE_PORT": "80",
        "PATH": "/bin",
    }
    assert load_settings(None, environ=environ) == Settings()


def test_the_port_of_a_table_is_a_setting_and_no_variable_of_a_platform() -> None:
    assert load_settings(None, environ={"BASEWATCH_PAGE__PORT": "9000"}).page.port == 9000


def test_each_kind_of_channel_is_read_as_its_own_class(tmp_path: Path) -> None:
    slack = f'[channels.chat]\nkind = "slack"\nurl = "https://chat.example.org/{SENTINEL}"\nenabled = false\n'
    settings = settings_of(tmp_path, OPS + MAIL + slack)
    ops, desk, chat = (settings.channels[name] for name in ("ops", "desk", "chat"))
    assert isinstance(ops, WebhookSettings)
    assert ops.url.reveal() == f"https://hooks.example.org/{SENTINEL}"
    assert [secret.reveal() for secret in ops.secrets] == [SIGNING]
    assert ops.url_host == "hooks.example.org"
    assert isinstance(desk, EmailSettings)
    assert (desk.from_, desk.to, desk.port_used) == ("Basewatch <watch@example.org>", ("desk@example.org",), 587)
    assert isinstance(chat, SlackSettings)
    assert not chat.enabled
    assert "console" not in settings.channels


@pytest.mark.parametrize(
    ("text", "key", "reason"),
    [
        ("databse = 'x'", "databse", "did you mean 'database'"),
        ("[crawler]\nintervals = 3", "crawler.intervals", "did you mean 'interval_s'"),
        ("[crawler]\nzzz = 3", "crawler.zzz", "known here: allow_hosts"),
        ("[alrts]\nthreshold = 0.5", "alrts", "did you mean 'alerts'"),
        ("[crawler]\nconcurrency = 'many'", "crawler.concurrency", "must be a whole number"),
        ("[crawler]\ninterval_s = 'often'", "crawler.interval_s", "must be a number"),
        ("[crawler]\nenabled = 'perhaps'", "crawler.enabled", "must be true or false"),
        ("contact = 5", "contact", "must be text in quotes"),
        ("crawler = 3", "crawler", "must be a table"),
        ("[channels.a]\nkind = 'slack'", "channels.a.url", "or url_file with the name of a file"),
        ("[crawler]\nconcurrency = 0", "crawler.concurrency", "greater than or equal to 1"),
        ("[crawler]\nmin_interval_s = 900", "crawler", "rising order"),
        ("[crawler]\nallow_hosts = ['http://127.0.0.1/']", "crawler.allow_hosts", "is no host"),
        ("[alerts]\nring_min_severity = 'S9'", "alerts.ring_min_severity", "'S1', 'S2', 'S3' or 'S4'"),
        ("[alerts]\nlate_hours = 1", "alerts", "late_hours"),
        ("[delivery]\nlease_s = 5", "delivery", "longer than deadline_s"),
        ("[delivery]\nretry_schedule_s = [0]", "delivery", "not above 0"),
        ('contact = "a\\r\\nX-Evil: 1"', "contact", "line break"),
        ("watch = '../other'", "watch", "pattern"),
        ("[channels.ops]\nurl = 'https://x.example'", "channels.ops.kind", "choose one of webhook, slack"),
        ("[channels.ops]\nkind = 'fax'", "channels.ops.kind", "no kind of channel"),
        ("[channels.'Ops Team']\nkind = 'console'", "channels.Ops Team", "no name for a channel"),
        ("[channels.out]\nkind = 'console'\nnotices = ['test']", "channels.out.notices", "always accepted"),
        ("[channels.out]\nkind = 'console'\nlanguage = 'xx'", "channels.out.language", "'en'"),
        (OPS.replace("secrets", "secret"), "channels.ops.secrets", "is required"),
        (OPS.replace(SIGNING, "whsec_short"), "channels.ops.secrets", "24 to 64 bytes"),
        (OPS.replace("https://", "ftp://"), "channels.ops.url", "must start with https://"),
        (OPS.replace("https://hooks.example.org", "https://"), "channels.ops.url", "names no host"),
        (OPS.replace("https:", "http:"), None, "channels.ops.url uses http"),
        (MAIL.replace("desk@example.org", "desk"), "channels.desk.to", "no mail address"),
        (MAIL.replace('username = "watch"', ""), "channels.desk", "belong together"),
        (MAIL.replace("host =", "hots ="), "channels.desk.host", "is required"),
    ],
)
def test_a_wrong_file_is_refused_with_file_key_and_reason(
    tmp_path: Path, text: str, key: str | None, reason: str
) -> None:
    problem = problem_of(tmp_path, text)
    assert problem.file == tmp_path / "basewatch.toml"
    assert problem.key == key
    assert reason in problem.reason
    assert SENTINEL not in str(problem)


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"crawler = [", "not valid TOML"), (b"contact = '\xff'", "not UTF-8"), (None, "no such file")],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    path = tmp_path / "basewatch.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError, match=reason) as caught:
        load_settings(path, environ={})
    assert caught.value.file == path


def test_a_wrong_variable_is_named_as_a_variable(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "", BASEWATCH_CRAWLER__INTERVAL="5")
    assert (problem.file, problem.key) == ("environment", "BASEWATCH_CRAWLER__INTERVAL")
    assert "did you mean 'interval_s'" in problem.reason


def test_a_table_given_whole_and_in_parts_is_refused(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, "", BASEWATCH_LOG="x", BASEWATCH_LOG__LEVEL="info")
    assert "as a whole and in parts" in problem.reason


def test_http_is_allowed_where_the_operator_names_the_host(tmp_path: Path) -> None:
    chat = "[channels.chat]\nkind = 'slack'\nurl = 'http://10.0.0.5:8065/hooks/x'\n"
    assert "uses http" in problem_of(tmp_path, chat).reason
    for allowed in ("[delivery]\nallow_hosts = ['10.0.0.5']\n", "[delivery]\nallow_hosts = ['10.0.0.5:8065']\n"):
        assert settings_of(tmp_path, allowed + chat).channels["chat"].enabled
    assert settings_of(tmp_path, chat + "allow_private = true\n").channels["chat"].enabled


# Secrets


def test_a_secret_may_stand_in_a_file_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "url").write_text(f"https://hooks.example.org/{SENTINEL}\n")
    (tmp_path / "signing").write_text(f"{SIGNING}\n{SIGNING}\n")
    text = '[channels.ops]\nkind = "webhook"\nurl_file = "url"\nsecrets_file = "signing"\n'
    ops = settings_of(tmp_path, text).channels["ops"]
    assert isinstance(ops, WebhookSettings)
    assert ops.url.reveal().endswith(SENTINEL)
    assert len(ops.secrets) == 2


def test_a_secret_file_named_in_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    secret = tmp_path / "url"
    secret.write_text("https://other.example.org/")
    settings = settings_of(tmp_path, OPS, BASEWATCH_CHANNELS__OPS__URL_FILE=str(secret))
    ops = settings.channels["ops"]
    assert isinstance(ops, WebhookSettings)
    assert ops.url_host == "other.example.org"


def test_the_database_address_may_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "address"
    secret.write_text("postgresql+psycopg://watch:pw@db/watch\n")
    assert settings_of(tmp_path, "", BASEWATCH_DATABASE_FILE=str(secret)).database == secret.read_text().strip()


@pytest.mark.parametrize(
    ("content", "reason"), [(None, "cannot be read: No such file"), (b"", "is empty"), (b"\xff", "not text in UTF-8")]
)
def test_a_secret_file_that_gives_nothing_is_refused(tmp_path: Path, content: bytes | None, reason: str) -> None:
    if content is not None:
        (tmp_path / "pw").write_bytes(content)
    problem = problem_of(tmp_path, MAIL.replace("password =", "password_file = 'pw'\n#"))
    assert problem.key == "channels.desk.password_file"
    assert reason in problem.reason


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, MAIL + "password_file = 'pw'\n")
    assert "beside password" in problem.reason


@pytest.mark.parametrize("key", ["url", "password", "database", "secrets"])
def test_the_word_that_stands_for_a_secret_is_refused_as_a_value(tmp_path: Path, key: str) -> None:
    text = {
        "url": OPS.replace(f"https://hooks.example.org/{SENTINEL}", "<secret>"),
        "password": MAIL.replace(SENTINEL, "<secret>"),
        "database": "database = 'postgresql://watch:<secret>@db/watch'",
        "secrets": OPS.replace(SIGNING, "<secret>"),
    }[key]
    assert "how secrets are printed" in problem_of(tmp_path, text).reason


def test_no_secret_is_in_the_text_of_the_settings(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, f"database = 'postgresql://u:{SENTINEL}@db/x'\n" + OPS + MAIL)
    texts = [
        repr(settings),
        str(settings),
        f"{settings.channels}",
        settings.model_dump_json(),
        str(settings.model_dump()),
    ]
    texts += [str(settings.database), repr(settings.database), f"{settings.database}", repr(copy.deepcopy(settings))]
    texts.append(json.dumps(settings.model_dump(mode="json")))
    for text in texts:
        assert SENTINEL not in text
        assert SIGNING not in text
        assert "<secret>" in text


def test_no_secret_is_in_a_traceback_with_local_variables(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, OPS)

    def fail(url: object) -> None:
        raise RuntimeError(f"could not post to {url}")

    channel = settings.channels["ops"]
    assert isinstance(channel, WebhookSettings)
    try:
        fail(channel.url)
    except RuntimeError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "<secret>" in shown
    assert SENTINEL not in shown


def test_no_secret_is_in_the_chain_of_an_error(tmp_path: Path) -> None:
    problem = problem_of(tmp_path, OPS.replace("https", "ftp") + MAIL)
    shown = "".join(traceback.TracebackException.from_exception(problem, capture_locals=False).format())
    assert SENTINEL not in shown


def test_a_secret_is_not_pickled_and_compares_by_value() -> None:
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert len({Secret("a"), Secret("a")}) == 1
    assert Secret("a") != "a"
    with pytest.raises(TypeError):
        pickle.dumps(Secret("a"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("basewatch.db", "basewatch.db"),
        ("postgresql+psycopg://watch:p@ss:w/ord@db:5432/x", "postgresql+psycopg://watch:<secret>@db:5432/x"),
        ("postgresql://db/x?user=watch&password=pw&a=b", "postgresql://db/x?user=watch&password=<secret>&a=b"),
        ("postgresql://watch@db/x", "postgresql://watch@db/x"),
    ],
)
def test_a_database_address_hides_its_password_only_when_printed(address: str, shown: str) -> None:
    value = DatabaseAddress(address)
    assert str(value) == shown
    assert value.reveal() == address
    assert value == address
    assert value.has_password is (shown != address)


@pytest.mark.parametrize(
    ("text", "mode", "warned"), [(OPS, 0o644, True), (OPS, 0o640, False), ("contact = 'a'", 0o644, False)]
)
def test_a_file_with_secrets_that_all_users_can_read_is_warned_about(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str, mode: int, warned: bool
) -> None:
    path = tmp_path / "basewatch.toml"
    path.write_text(text)
    path.chmod(mode)
    with caplog.at_level(logging.WARNING):
        load_settings(path, environ={})
    assert any("chmod 600" in record.getMessage() for record in caplog.records) is warned
    assert SENTINEL not in caplog.text


def test_paths_in_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "config_dir = 'mine'\ndata_dir = 'data'\n" + MAIL + "ca_file = 'ca.pem'\n")
    desk = settings.channels["desk"]
    assert isinstance(desk, EmailSettings)
    assert settings.config_dir == tmp_path / "mine"
    assert desk.ca_file == tmp_path / "ca.pem"
    assert settings.data_dir == Path("data")
    assert settings.database == "data/basewatch.db"


@pytest.mark.parametrize(
    ("database", "address"),
    [
        ("my.db", "data/my.db"),
        ("/var/lib/my.db", "/var/lib/my.db"),
        (":memory:", ":memory:"),
        ("sqlite:///my.db", "sqlite:///my.db"),
        (f"postgresql://u:{SENTINEL}@db/x", f"postgresql://u:{SENTINEL}@db/x"),
    ],
)
def test_a_database_file_lies_in_data_dir_and_its_address_is_whole(database: str, address: str) -> None:
    settings = Settings(database=database, data_dir=Path("data"))
    assert settings.database_address == address
    assert type(settings.database_address) is str
    assert SENTINEL not in str(settings.database)
