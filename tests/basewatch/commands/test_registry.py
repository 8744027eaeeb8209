"""The registry as people read it: which outlets are read, from which sources, why others are not."""

from __future__ import annotations

import io
import json

import pytest
from rich.console import Console

from basewatch.commands import registry
from basewatch.commands.registry import Wanted
from config.outlets import load_outlets
from config.settings import Settings
from core.errors import ConfigError, InputError

OUTLETS = load_outlets()


def printed(wanted: Wanted | None = None, show: str = "") -> str:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    if show:
        registry.show_outlet(Settings(), show, console=console)
    else:
        registry.list_outlets(Settings(), wanted, console=console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_the_list_names_each_outlet_and_why_it_is_not_read(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.model_validate({"crawler": {"outlets_off": ["shafaq"]}})
    registry.list_outlets(settings, as_json=True)
    found = {outlet["slug"]: outlet for outlet in json.loads(capsys.readouterr().out)}
    assert (found["shafaq"]["read"], found["al-forat"]["read"], found["ina"]["read"]) == (False, False, True)
    assert "crawler.outlets_off" in found["shafaq"]["why_not"]
    assert found["al-forat"]["why_not"]
    assert any(source["read"] for source in found["ina"]["sources"])
    console = Console(file=io.StringIO(), width=80)
    registry.list_outlets(settings, console=console)
    assert isinstance(console.file, io.StringIO)
    read = sum(outlet["read"] for outlet in found.values())
    assert console.file.getvalue().splitlines()[-1].startswith(f"{read} of {len(found)} outlets are read.")


def test_an_unknown_slug_is_said_in_a_sentence() -> None:
    with pytest.raises(ConfigError, match="no outlet 'zzzzzz'"):
        registry.list_outlets(Settings.model_validate({"crawler": {"outlets_off": ["zzzzzz"]}}))


def test_the_list_fits_eighty_columns_and_cuts_no_name() -> None:
    shown = printed()
    assert all(len(line) <= 80 for line in shown.splitlines())
    assert "…" not in shown
    for slug, outlet in OUTLETS.items():
        assert f" {slug}{'*' * outlet.first_mover} " in shown


def test_a_list_can_be_narrowed_to_a_country_to_what_is_off_and_to_what_nobody_tried() -> None:
    assert "shafaq" not in printed(Wanted(country="SY"))
    assert "sohr" not in printed(Wanted(country="SY"))
    assert "hawar" in printed(Wanted(country="SY"))
    off = printed(Wanted(off=True))
    assert "al-ahad: a US court seized its domain" in off
    assert "rudaw" not in off.replace("Rudaw", "")
    untried = printed(Wanted(untried=True))
    assert "the-new-region" in untried
    assert "al-mada" not in untried


@pytest.mark.parametrize("name", ["rudaw", "Rudaw", "RUDAW"])
def test_one_outlet_is_shown_with_all_that_its_entry_holds(name: str) -> None:
    shown = printed(show=name)
    outlet = OUTLETS["rudaw"]
    assert outlet.obstacle is not None
    for words in ("Imperva", "div.item-body", "a first mover", str(outlet.file), *(one.url for one in outlet.sources)):
        assert words in shown
    assert "X(A2,A6), evidence of 28 September 2026" in shown
    assert "untried" in shown


def test_a_source_that_lies_is_shown_as_one_and_an_outlet_that_is_off_with_its_reason() -> None:
    assert "times: local-as-utc" in printed(show="al-masirah")
    assert "read        no: a US court" in printed(show="al-ahad")


@pytest.mark.parametrize(("name", "word"), [("rudav", "did you mean 'rudaw'"), ("zzzzzz", "outlets list")])
def test_an_unknown_name_says_what_comes_near(name: str, word: str) -> None:
    with pytest.raises(InputError, match=word):
        printed(show=name)
