"""Rules are checked at the start: a slip of the pen in them would silence an alert."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.check import check_files
from config.routes import RouteSettings, check_sites, covers, takes_all
from config.settings import Settings, load_settings
from config.watch import load_watch
from core.errors import ConfigError

CHANNELS = '[channels.desk]\nkind = "console"\n[channels.phone]\nkind = "console"\n'
A_RULE = '[[routes]]\nname = "a"\nchannels = ["desk"]\n'


def load(tmp_path: Path, text: str) -> Settings:
    path = tmp_path / "basewatch.toml"
    path.write_text(text + CHANNELS, encoding="utf-8")
    return load_settings(path, environ={})


def rule(**settings: object) -> RouteSettings:
    return RouteSettings.model_validate({"name": "rule", "channels": ["desk"]} | settings)


def test_a_rule_reads_like_a_sentence(tmp_path: Path) -> None:
    text = (
        '[[routes]]\nname = "grave in Iraq"\ncountries = ["iq"]\nmin_severity = "S3"\nchannels = ["phone"]\n'
        'continue = true\nquiet_hours = "22:00-06:00"\ntime_zone = "Asia/Baghdad"\n'
        '[[routes]]\nname = "the rest"\nchannels = ["desk"]\nsend = "digest"\n'
    )
    first, rest = load(tmp_path, text).routes
    assert (first.countries, first.min_severity, first.channels, first.continue_) == (("IQ",), "S3", ("phone",), True)
    assert (rest.send, rest.wake_anyway) == ("digest", ("killed", "confirmed"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[[routes]]\nname = "a"\nchannels = ["fone"]\n', "routes.1 (a): channels: there is no channel 'fone'"),
        ('operator = ["fone"]\n', "operator: there is no channel 'fone'"),
        (A_RULE + 'chanels = []\n', "routes.1.chanels: unknown setting; did you mean 'channels'?"),
        ('[[routes]]\nname = "a"\n', "routes.1.channels: is required and not set"),
        (A_RULE + 'countries = ["Iraq"]\n', "routes.1.countries: 'Iraq' is no country"),
        (A_RULE + 'quiet_hours = "22-6"\n', "routes.1.quiet_hours: '22' is no hour"),
        (A_RULE + 'time_zone = "Baghdad"\n', "routes.1.time_zone: 'Baghdad' is no time zone"),
        (A_RULE + 'notices = ["system"]\n', "routes.1.notices: 'system' is not routed"),
        (A_RULE + 'escalate_to = ["phone"]\n', "routes.1: escalate_after_min and"),
        (
            A_RULE + '[[routes]]\nname = "b"\ncountries = ["IQ"]\nchannels = []\n',
            "routes.2 (b): can never be reached: routes.1 (a) takes all that it would",
        ),
        (
            '[[routes]]\nname = "a"\nring = true\nchannels = []\n[[routes]]\nname = "a"\nchannels = []\n',
            "routes.2 (a): routes.1 has this name, too",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_file_key_and_reason(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    assert str(tmp_path / "basewatch.toml") in str(caught.value)
    assert words in str(caught.value)


def test_a_rule_covers_another_only_where_every_condition_of_it_is_as_wide() -> None:
    assert covers(rule(), rule(countries=["IQ"]))
    assert not covers(rule(countries=["IQ"]), rule())
    assert covers(rule(countries=["IQ", "SY"]), rule(countries=["SY"], ring=True))
    assert not covers(rule(min_severity="S3"), rule(min_severity="S2"))
    assert not covers(rule(ring=True), rule(ring=False))
    assert covers(rule(notices=["new", "update", "correction"]), rule())


def test_a_site_that_the_watch_does_not_hold_is_an_error() -> None:
    watch = load_watch("us-bases", None)
    check_sites([rule(bases=[next(iter(watch.sites)), "unnamed"])], watch)
    with pytest.raises(ConfigError, match=r"routes.1 \(rule\): bases: the watch us-bases has no site 'erbill'"):
        check_sites([rule(bases=["erbill"])], watch)


def test_check_warns_where_a_notice_may_find_no_rule_or_a_channel_none(tmp_path: Path) -> None:
    load(tmp_path, '[[routes]]\nname = "a"\ncountries = ["IQ"]\nchannels = ["desk"]\n')
    told = [finding.what for finding in check_files(tmp_path / "basewatch.toml", environ={}).findings]
    assert "A notice that fits no rule is told to nobody." in told
    assert "No rule sends anything here." in told
    assert takes_all([rule(countries=["IQ"]), rule()])


def test_check_warns_of_a_rule_that_sends_to_a_channel_that_is_off(tmp_path: Path) -> None:
    path = tmp_path / "basewatch.toml"
    path.write_text(
        A_RULE + CHANNELS.replace("[channels.phone]", "enabled = false\n[channels.phone]"), encoding="utf-8"
    )
    told = [(finding.what, finding.where) for finding in check_files(path, environ={}).findings]
    assert ("A rule sends here, and it is off.", "channels.desk") in told
