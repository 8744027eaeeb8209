"""`basewatch check` finds what is wrong or odd in files, says what to do, and says what it did not look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.check import Finding, Level, check_files

SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
GOOD = f"""
contact = "desk@example.org"
data_dir = "{{data}}"
[channels.ops]
kind = "webhook"
url = "https://hooks.example.org/x"
secrets = ["{SIGNING}"]
"""
MAIL = """
[channels.desk]
kind = "email"
host = "mail"
from = "a@example.org"
to = ["b@example.org"]
"""


def findings_of(folder: Path, text: str, *, mode: int = 0o600) -> tuple[Finding, ...]:
    path = folder / "basewatch.toml"
    path.write_text(text.replace("{data}", str(folder)), encoding="utf-8")
    path.chmod(mode)
    checked = check_files(path, environ={})
    assert checked.not_checked
    assert checked.failed is any(finding.level is Level.ERROR for finding in checked.findings)
    assert all(finding.todo for finding in checked.findings if finding.level is not Level.OK)
    return checked.findings


def test_a_good_configuration_has_no_error_and_only_the_known_remarks_on_the_data(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, GOOD)
    assert {finding.where for finding in findings if finding.level is not Level.OK} == {"watch us-bases", "outlets"}
    assert any("150 sites" in finding.what for finding in findings)
    assert any("outlets with" in finding.what for finding in findings)


@pytest.mark.parametrize(
    ("text", "level", "where", "what"),
    [
        ("", Level.WARNING, "contact", "whom to write to"),
        ("", Level.WARNING, "channels", "console alone"),
        ("[crawler]\nenabled = false", Level.WARNING, "crawler.enabled", "crawler is off"),
        ("[crawler]\nobey_robots = false", Level.WARNING, "crawler.obey_robots", "robots.txt"),
        ("[crawler]\noutlets_only = ['shafak']", Level.ERROR, "crawler.outlets_only", "did you mean 'shafaq'"),
        ("[crawler]\noutlets_only = ['al-forat']", Level.ERROR, "crawler.outlets_only, crawler", "No outlet is read"),
        ("data_dir = '/nowhere/at/all'", Level.ERROR, "data_dir", "no folder /nowhere"),
        ("config_dir = '/nowhere/at/all'", Level.ERROR, "config_dir", "no folder /nowhere"),
        ("watch = 'elsewhere'", Level.ERROR, "watch", "'elsewhere' needs a sites.toml"),
        ("[channels.a]\nkind = 'console'\nenabled = false", Level.ERROR, "channels", "No channel that is on"),
        ("[channels.a]\nkind = 'console'\nnotices = ['digest']", Level.ERROR, "channels", "takes new alerts"),
        (MAIL + "starttls = 'off-insecure'", Level.WARNING, "channels.desk.starttls", "Mail travels readable"),
        (
            MAIL + "starttls = 'off-insecure'\nusername = 'u'\npassword = 'p'",
            Level.WARNING,
            "channels.desk.starttls",
            "password travel readable",
        ),
        (MAIL + "verify_cert = false", Level.WARNING, "channels.desk.verify_cert", "pose as"),
        (MAIL + "ca_file = 'no.pem'", Level.ERROR, "channels.desk.ca_file", "no.pem"),
        (
            "[channels.chat]\nkind = 'slack'\nurl = 'http://chat.lan/TOKEN'\nallow_private = true",
            Level.WARNING,
            "channels.chat.url",
            "Alerts to chat.lan travel readable",
        ),
    ],
)
def test_what_is_wrong_or_odd_is_found(tmp_path: Path, text: str, level: Level, where: str, what: str) -> None:
    findings = findings_of(tmp_path, text)
    found = [one for one in findings if one.level is level and one.where.startswith(where) and what in one.what]
    assert len(found) == 1
    assert "TOKEN" not in str(findings)


def test_a_readable_file_with_secrets_is_a_warning(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, GOOD, mode=0o644)
    assert any("every user of this machine" in one.what and "chmod 600" in one.todo for one in findings)


def test_a_file_that_cannot_be_read_ends_the_check_with_one_error(tmp_path: Path) -> None:
    findings = findings_of(tmp_path, "[crawler]\nintervals = 1")
    assert [(one.level, one.where) for one in findings] == [
        (Level.ERROR, f"{tmp_path / 'basewatch.toml'}: crawler.intervals")
    ]


def test_a_wrong_outlet_does_not_keep_the_watch_from_being_checked(tmp_path: Path) -> None:
    (tmp_path / "mine" / "outlets").mkdir(parents=True)
    (tmp_path / "mine" / "outlets" / "iraq.toml").write_text("[[outlet]]\nslug = 'x'\n")
    findings = findings_of(tmp_path, f"config_dir = '{tmp_path / 'mine'}'")
    assert any(one.level is Level.ERROR and "iraq.toml: outlet[x].country" in one.where for one in findings)
    assert any("150 sites" in one.what for one in findings)


def test_a_pattern_that_misses_its_example_and_a_file_that_is_not_read_are_found(tmp_path: Path) -> None:
    outlets = tmp_path / "mine" / "outlets"
    outlets.mkdir(parents=True)
    (outlets / "mine.toml").write_text(
        "[[outlet]]\nslug = 'mine'\nname = 'M'\nleaning = 'private'\nlanguages = ['en']\ncountry = 'IQ'\n"
        "time_zone = 'Asia/Baghdad'\narticle_url = '^https://a/\\d+'\nexamples = ['https://a/b']\n"
        "counter_examples = ['https://a/1']\n"
        "[[outlet.source]]\nkind = 'feed'\nurl = 'https://a/rss'\nlang = 'en'\nconfidence = 'G'\n"
    )
    (outlets / "mine.yaml").write_text("")
    (tmp_path / "mine" / "outlet").mkdir()
    (tmp_path / "mine" / "outlet" / "x.toml").write_text("")
    findings = findings_of(tmp_path, f"config_dir = '{tmp_path / 'mine'}'")
    errors = [one for one in findings if one.level is Level.ERROR]
    assert [one.what for one in errors] == [
        "The pattern does not find its example https://a/b.",
        "The pattern finds https://a/1, which is no article.",
    ]
    assert sum(one.what == "This file is not read." for one in findings) == 2


def test_the_list_of_what_was_not_checked_names_the_test_of_each_channel(tmp_path: Path) -> None:
    path = tmp_path / "basewatch.toml"
    path.write_text(GOOD.replace("{data}", str(tmp_path)))
    assert any("`basewatch channels test ops`" in line for line in check_files(path, environ={}).not_checked)


def test_each_finding_is_one_sentence_with_one_mark_at_its_end_and_settings_as_they_are_written(tmp_path: Path) -> None:
    (asked,) = findings_of(tmp_path, "contct = 'x'")
    assert asked.what == "Unknown setting; did you mean 'contact'?"
    (http,) = findings_of(tmp_path, "[channels.ops]\nkind = 'slack'\nurl = 'http://127.0.0.1:1/x'")
    assert http.what.startswith("channels.ops.url uses http")
    assert http.what.endswith("delivery.allow_hosts.")


def test_without_a_file_the_check_says_that_none_was_found() -> None:
    findings = check_files(None, environ={}).findings
    assert any("no basewatch.toml in this folder" in one.what and "basewatch init" in one.todo for one in findings)


def test_every_folder_that_is_read_from_a_folder_of_the_operators_counts_as_read(tmp_path: Path) -> None:
    for folder in ("outlets", "lexicon", "phrases", "furniture"):
        (tmp_path / "mine" / folder).mkdir(parents=True)
        (tmp_path / "mine" / folder / "xx.toml").write_text("")
    findings = findings_of(tmp_path, f"config_dir = '{tmp_path / 'mine'}'")
    assert not [one for one in findings if one.what == "This file is not read."]
