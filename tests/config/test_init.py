"""The example file and the table in the documentation say what the settings say."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from config.channels import KINDS
from config.data import DATA_DIR
from config.describe import all_rows, markdown_table
from config.init import example_text
from config.settings import Settings, load_settings

DOCS = DATA_DIR.parent / "docs"
SIGNING = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_committed_example_is_the_one_that_the_settings_give() -> None:
    committed = (DATA_DIR / "basewatch.example.toml").read_text(encoding="utf-8")
    assert committed == example_text(), "run: python -m config.init > config/basewatch.example.toml"


def test_the_example_as_it_stands_is_valid_and_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "basewatch.toml"
    path.write_text(example_text(), encoding="utf-8")
    assert load_settings(path, environ={}) == Settings()


def test_the_example_with_every_line_taken_in_is_valid_and_says_the_defaults(tmp_path: Path) -> None:
    text = example_text().replace("whsec_…", SIGNING).replace("/…", "/x")
    lines = [line.removeprefix("#") if re.match(r"#[a-z_\[]", line) else line for line in text.splitlines()]
    taken = "\n".join(line for line in lines if not line.endswith(" = …"))
    path = tmp_path / "basewatch.toml"
    path.write_text(taken, encoding="utf-8")
    settings = load_settings(path, environ={})
    others = {"channels": {}, "routes": ()}
    assert settings.model_copy(update=others) == Settings().model_copy(update=others)
    assert [(route.name, route.channels) for route in settings.routes] == [("everything", ("ops",))]
    assert set(settings.channels) == {"ops", "chat", "desk"} | (set(KINDS) - {"webhook", "slack", "email"})
    assert tomllib.loads(taken)["crawler"]["interval_s"] == 300


def test_every_setting_stands_in_the_example_with_its_help() -> None:
    lines = example_text().splitlines()
    for row in all_rows():
        shown = [line for line in lines if re.match(rf"#\s*{re.escape(row.key)} = ", line)]
        assert shown, row.name
        assert any(row.text in line for line in lines), row.name


def test_every_setting_has_a_line_of_help() -> None:
    rows = list(all_rows())
    assert len(rows) > 50
    assert [row.name for row in rows if not row.text.endswith(".") or len(row.text) > 100] == []
    assert [row.name for row in rows if re.search(r"_(s|bytes|hours)$", row.key) and row.unit is None] == []


def test_the_page_on_configuration_holds_the_table_of_the_settings() -> None:
    page = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert markdown_table() in page, "run: python -m config.describe, and put its table into docs/configuration.md"


def test_the_page_on_outlets_explains_every_field_and_every_source_of_a_mark() -> None:
    page = (DOCS / "outlets.md").read_text(encoding="utf-8")
    data = "".join(path.read_text(encoding="utf-8") for path in (DATA_DIR / "outlets").glob("*.toml"))
    fields = set(re.findall(r"^([a-z_]+) = ", data, re.MULTILINE))
    assert [field for field in sorted(fields) if not re.search(rf"`{field}`|^{field} = ", page, re.MULTILINE)] == []
    codes = set(re.findall(r"\bA\d+\b", "".join(re.findall(r"confidence = .*", data))))
    assert [code for code in sorted(codes) if not re.search(rf"\b{code}\b", page)] == []
