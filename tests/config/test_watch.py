"""The shipped watch is whole, an operator's files overlay it by id, and a wrong file is refused."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from config.data import DATA_DIR
from config.watch import Actor, Site, Watch, alias_clashes, load_watch
from core.errors import ConfigError
from core.values import Kind

SHIPPED = DATA_DIR / "watches" / "us-bases"

# Counted in the reference lists from which the watch was converted (150 sites, 43 actors, 22 forces) and with the
# spellings of outlets that were added since.
SITES_BY_KIND = {"airbase": 52, "outpost": 52, "naval": 17, "logistics": 11, "diplomatic": 11, "radar": 7}
SITE_ALIASES = {
    "en": 704, "ar": 421, "ru": 271, "tr": 265, "fa": 245, "fr": 180, "he": 148, "ku": 128, "ckb": 126, "de": 50,
    "es": 41, "ja": 7, "it": 3, "ko": 3, "pl": 2, "ro": 2, "zh": 2, "da": 1, "el": 1,
}  # fmt: skip
ACTOR_ALIASES = {
    "en": 239, "ar": 149, "fa": 107, "tr": 98, "ru": 88, "ckb": 79, "fr": 73, "he": 63, "ku": 60, "de": 19, "es": 11,
}  # fmt: skip
PROTECTED_ALIASES = {
    "en": 96, "ar": 68, "fa": 47, "ru": 40, "fr": 39, "tr": 39, "he": 33, "ckb": 30, "ku": 28, "de": 21, "es": 18,
}  # fmt: skip
PARTNER_ALIASES = {
    "en": 65, "ar": 45, "fa": 22, "ru": 22, "tr": 22, "fr": 19, "ckb": 17, "he": 17, "ku": 15, "de": 6, "es": 5,
}  # fmt: skip


@pytest.fixture(scope="module")
def watch() -> Watch:
    return load_watch()


def alias_counts(*entries: Site | Actor) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for entry in entries:
        counts.update({language: len(aliases) for language, aliases in entry.aliases.items()})
    return dict(counts)


def test_every_site_of_the_reference_list_is_there_with_all_its_names(watch: Watch) -> None:
    sites = watch.sites.values()
    assert len(sites) == 150
    assert Counter(site.kind.value for site in sites) == SITES_BY_KIND
    assert alias_counts(*sites) == SITE_ALIASES
    near: Counter[str] = Counter()
    for site in sites:
        near.update({language: len(names) for language, names in site.near.items()})
    assert near == {"en": 192, "ar": 180}


def test_every_period_ambiguity_and_note_of_the_reference_list_is_there(watch: Watch) -> None:
    sites = watch.sites.values()
    periods = [period for site in sites for period in site.presence]
    entries = [entry for site in sites for entry in site.ambiguous]
    assert (len(periods), sum(period.to is not None for period in periods)) == (164, 75)
    assert sum(period.note is not None for period in periods) == 82
    assert (len(entries), sum(len(entry.aliases) for entry in entries)) == (91, 182)
    assert sum(site.notes is not None for site in sites) == 53
    assert sum(bool(site.same_as) for site in sites) == 4


def test_every_actor_and_side_of_the_reference_list_is_there_with_all_its_names(watch: Watch) -> None:
    sides = watch.sides
    assert (len(watch.actors), alias_counts(*watch.actors.values())) == (43, ACTOR_ALIASES)
    assert sum(len(actor.allied_with) for actor in watch.actors.values()) == 54
    assert (len(sides.protected), alias_counts(*sides.protected.values())) == (10, PROTECTED_ALIASES)
    others = {**sides.partners, "idf": sides.others["idf"]}
    assert (len(others), alias_counts(*others.values())) == (12, PARTNER_ALIASES)
    assert {language: len(formulas) for language, formulas in sides.claim_formulas.items()} == {
        "ar": 7,
        "fa": 3,
        "en": 3,
    }


def test_the_watch_says_who_is_protected_who_attacks_and_who_else_is_about(watch: Watch) -> None:
    assert watch.sides.country == "US"
    assert "CENTCOM" in watch.sides.protected_names("command")["en"]
    assert "US forces" not in watch.sides.protected_names("command")["en"]
    assert "US forces" in watch.sides.protected_names()["en"]
    assert set(watch.sides.others) == {"idf", "turkish-armed-forces"}
    assert watch.sides.attackers == set(watch.actors)


def test_a_period_of_presence_holds_from_its_first_to_its_last_day(watch: Watch) -> None:
    asad = watch.sites["ain-al-asad"]
    assert asad.presence[0].to == date(2011, 12, 31)
    assert [bool(asad.presence_on(day)) for day in (date(2026, 1, 17), date(2026, 1, 18))] == [True, False]
    assert asad.kind is Kind.AIRBASE


def test_names_that_two_sites_claim_are_listed_and_loading_goes_on(watch: Watch) -> None:
    assert {clash.sites for clash in alias_clashes(watch)} == {
        ("ruwayshid-sy", "h4-ruwaished"),
        ("king-faisal-jafr", "tabuk-king-faisal"),
    }


def test_the_digest_changes_with_any_file_of_the_watch(tmp_path: Path, watch: Watch) -> None:
    mine = copy_of_watch(tmp_path, "us-bases")
    assert load_watch(config_dir=tmp_path).digest != watch.digest
    before = load_watch(config_dir=tmp_path).digest
    with (mine / "sides.toml").open("a", encoding="utf-8") as file:
        file.write("\n# a remark\n")
    assert load_watch(config_dir=tmp_path).digest != before
    assert load_watch().digest == watch.digest


# The operator's own files


def copy_of_watch(folder: Path, name: str) -> Path:
    mine = folder / "watches" / name
    shutil.copytree(SHIPPED, mine)
    return mine


MINE = """
[[site]]
id = "{id}"
name = "Mine"
kind = "outpost"
country = "IQ"
admin1 = "Erbil"
lat = 36.1
lon = 44.0
coord_confidence = "low"
time_zone = "Asia/Baghdad"
[site.aliases]
en = ["My place"]
"""


def test_a_site_of_the_operator_replaces_the_shipped_one_or_joins_it(tmp_path: Path, watch: Watch) -> None:
    folder = tmp_path / "watches" / "us-bases"
    folder.mkdir(parents=True)
    (folder / "sites.toml").write_text(MINE.format(id="harir") + MINE.format(id="my-place"))
    sites = load_watch(config_dir=tmp_path).sites
    assert sites["harir"].name == sites["my-place"].name == "Mine"
    assert len(sites) == len(watch.sites) + 1
    assert sites["conoco"] == watch.sites["conoco"]


def test_the_operator_may_bring_a_watch_of_another_name(tmp_path: Path, watch: Watch) -> None:
    mine = copy_of_watch(tmp_path, "my-watch")
    (mine / "sides.toml").write_text((mine / "sides.toml").read_text().replace('country = "US"', 'country = "FR"', 1))
    assert load_watch("my-watch", tmp_path).sides.country == "FR"
    assert load_watch("us-bases", tmp_path).digest == watch.digest


def test_sides_of_the_operator_replace_list_by_list(tmp_path: Path, watch: Watch) -> None:
    folder = tmp_path / "watches" / "us-bases"
    folder.mkdir(parents=True)
    (folder / "sides.toml").write_text('[sides]\nattackers = ["irgc"]\n[claim_formulas]\nen = ["we struck"]\n')
    sides = load_watch(config_dir=tmp_path).sides
    assert sides.attackers == {"irgc"}
    assert sides.others == watch.sides.others
    assert sides.claim_formulas == {**watch.sides.claim_formulas, "en": ("we struck",)}


@pytest.mark.parametrize(
    ("file", "before", "after", "key", "reason"),
    [
        ("sites", "lat = 33.79", "lat = 93.79", "site[ain-al-asad].lat", "out of range"),
        ("sites", "lon = 42.44", 'lon = "42"', "site[ain-al-asad].lon", "must be a number"),
        ("sites", "lat = 33.79", "# no lat", "site[ain-al-asad].lat", "required"),
        ("sites", 'kind = "airbase"', 'kind = "castle"', "site[ain-al-asad].kind", "choose one of airbase"),
        ("sites", 'country = "IQ"', 'country = "XX"', "site[ain-al-asad].country", "ISO 3166"),
        ("sites", 'id = "harir"', 'id = "ain-al-asad"', "site[ain-al-asad].id", "stands twice"),
        ("sites", 'id = "harir"', 'id = "Harir Base"', "site[Harir Base].id", "small letters"),
        ("sites", 'to = "2011-12"', 'to = "2011-13"', "site[ain-al-asad].presence[1].to", "no year, month or day"),
        ("sites", 'to = "2011-12"', 'to = "1999"', "site[ain-al-asad].presence[1].to", "before from"),
        ("sites", '"Asia/Baghdad"', '"Asia/Bagdad"', "site[ain-al-asad].time_zone", "IANA"),
        ("sites", "admin1 =", "admin_1 =", "site[ain-al-asad].admin1", "required"),
        ("sites", 'admin1 = "Al Anbar"', 'admin1 = "x"\nadmin2 = "y"', "site[ain-al-asad].admin2", "unknown key"),
        ("sites", 'langs = ["en", "ar"]', 'langs = ["English"]', "site[ain-al-asad].ambiguous[1].langs", "no language"),
        ("sites", "[watch]", "[wacht]", "wacht", "did you mean 'watch'"),
        ("sites", '    "Ain al-Asad",', '    "",', "site[ain-al-asad].aliases.en", "empty"),
        ("actors", 'allied_with = ["islamic', 'allied_with = ["Islamic', "actor[kataib-hezbollah].allied_with", "mean"),
        ("actors", 'kind = "umbrella"', 'kind = "gang"', "actor[islamic-resistance-in-iraq].kind", "choose one of"),
        ("sides", 'side = "protected"', 'side = "ours"', "force[usa].side", "choose one of other, partner, protected"),
        ("sides", '"turkish-armed-forces"]', '"turkish-army"]', "sides.others", "did you mean 'turkish-armed-forces'"),
        ("sides", 'country = "US"', 'nation = "US"', "sides.country", "required"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_file_key_and_reason(
    tmp_path: Path, file: str, before: str, after: str, key: str, reason: str
) -> None:
    path = copy_of_watch(tmp_path, "my-watch") / f"{file}.toml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_watch("my-watch", tmp_path)
    assert caught.value.file == path
    assert caught.value.key == key
    assert reason in caught.value.reason


def test_a_watch_that_does_not_exist_and_a_stray_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"needs a sites\.toml"):
        load_watch("nowhere", tmp_path)
    (copy_of_watch(tmp_path, "my-watch") / "bases.toml").write_text("")
    with pytest.raises(ConfigError, match=r"sites\.toml, actors.toml and sides.toml alone"):
        load_watch("my-watch", tmp_path)


def test_the_watch_is_found_from_another_working_folder(tmp_path: Path) -> None:
    """As from an installed wheel: nothing is looked for beside the working folder."""
    code = "from config.watch import load_watch; print(len(load_watch().sites))"
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(DATA_DIR.parent)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "150"
