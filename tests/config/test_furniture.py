"""Lines that are no text are words in files, which an operator extends; a wrong entry is refused with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.data import DATA_DIR
from config.furniture import LONGEST_LINE, load_furniture, shipped
from config.outlets import load_outlets
from core.errors import ConfigError

LANGUAGES = {path.stem for path in (DATA_DIR / "furniture").glob("*.toml")}


def write(folder: Path, text: str, name: str = "en") -> Path:
    path = folder / "furniture" / f"{name}.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_every_language_in_which_outlets_are_read_has_its_lines() -> None:
    read = {source.lang for outlet in load_outlets().values() for source in outlet.live_sources}
    assert read <= LANGUAGES
    assert {"he", "ku", "fr", "ru", "so"} <= LANGUAGES


@pytest.mark.parametrize(
    "line",
    ["READ ALSO: Oil prices rise", "» Read also - Oil", "*Read More*", "| Advertisement |", "Tags:Iraq, US",
     "اقرأ أيضاً: النفط", "إقرأ أيضًا النفط", "اقرأ ايضا | النفط", "اشتراک\u200cگذاری", "عـاجل", "İLGİLİ HABERLER"],
)  # fmt: skip
def test_case_marks_and_spelling_make_no_difference(line: str) -> None:
    assert shipped().holds(line)


@pytest.mark.parametrize(
    "line",
    ["Related to the attack, two men were held.", "Tags were found on the drone's wing.", "Share of oil falls", "",
     "Read alsop", "Read also " + "x" * LONGEST_LINE, "Read also that " + "the base was hit by a drone and " * 6,
     "Bağdat'ta son dakika gelişmesi: üsse saldırı", "للمزيد من الضغط على القاعدة"],
)  # fmt: skip
def test_a_line_of_the_story_stays(line: str) -> None:
    assert not shipped().holds(line)


def test_an_operator_adds_lines_and_keeps_one_of_ours(tmp_path: Path) -> None:
    write(tmp_path, 'lines = ["Our desk says …", "Weather"]\nkeep = ["x"]\n')
    mine = load_furniture(tmp_path)
    assert mine.holds("Our desk says: more on page 2")
    assert mine.holds("WEATHER")
    assert not mine.holds("X")
    assert mine.holds("Read also: Oil")
    assert not shipped().holds("Weather")
    assert load_outlets(tmp_path)["shafaq"].furniture.holds("weather")


def test_an_outlet_has_lines_of_its_own() -> None:
    outlets = load_outlets()
    assert outlets["shafaq"].furniture.holds("Shafaq Live")
    assert not outlets["rudaw"].furniture.holds("Shafaq Live")


@pytest.mark.parametrize(
    ("text", "name", "key", "reason"),
    [
        ('lines = ["…"]', "en", "lines", "holds no word"),
        ('lines = ["a …"]', "en", "lines", "would take lines of the story"),
        ('lines = ["read … also"]', "en", "lines", "ellipsis before its end"),
        ('lines = ["one two three four five six seven eight nine"]', "en", "lines", "more than 8 words"),
        ('lines = ["x", ""]', "en", "lines", "empty"),
        ('lines = "read also"', "en", "lines", "list of texts"),
        ('keep = ["nothing of ours"]', "en", "keep", "stands in no shipped file"),
        ('line = ["x"]', "en", "line", "did you mean 'lines'"),
        ("lines = []", "english", None, "language code"),
    ],
)
def test_a_wrong_entry_is_refused_with_file_key_and_reason(
    tmp_path: Path, text: str, name: str, key: str | None, reason: str
) -> None:
    path = write(tmp_path, text, name)
    with pytest.raises(ConfigError) as caught:
        load_outlets(tmp_path)
    assert (caught.value.file, caught.value.key) == (path, key)
    assert reason in caught.value.reason


def test_a_wrong_line_of_an_outlet_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "outlets"
    folder.mkdir()
    text = (DATA_DIR / "outlets" / "somalia.toml").read_text(encoding="utf-8")
    (folder / "mine.toml").write_text(text.replace('name = "Garowe Online"', 'name = "G"\nfurniture = ["a …"]', 1))
    with pytest.raises(ConfigError, match=r"outlet\[garowe\].furniture.*would take lines"):
        load_outlets(tmp_path)
