"""The files under deploy/ say what docs/deploying.md promises: hardened, pinned, not root, with a health check."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tomllib
from configparser import RawConfigParser
from pathlib import Path

import pytest
from typer.main import get_command

from basewatch.cli import app
from config.settings import load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
DOCS = (ROOT / "docs" / "deploying.md").read_text(encoding="utf-8")


class Unit(RawConfigParser):
    """A unit file: keys keep their case; a key that comes twice keeps its last value."""

    def optionxform(self, optionstr: str) -> str:
        return optionstr


@pytest.fixture(scope="module")
def service() -> dict[str, str]:
    parser = Unit(strict=False, comment_prefixes=("#",))
    parser.read(DEPLOY / "basewatch.service")
    return dict(parser["Service"])


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction of a Dockerfile with its arguments, lines that go on joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    return [(line.split(None, 1)[0].upper(), line.split(None, 1)[1]) for line in joined.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def dockerfile() -> list[tuple[str, str]]:
    return instructions((DEPLOY / "Dockerfile").read_text(encoding="utf-8"))


def test_systemd_itself_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        pytest.skip("systemd-analyze is not installed here")
    text = (DEPLOY / "basewatch.service").read_text().replace("/opt/basewatch/.venv/bin/basewatch", "/bin/true")
    unit = tmp_path / "basewatch.service"
    unit.write_text(text.replace("User=basewatch", "User=daemon").replace("Group=basewatch", "Group=daemon"))
    verdict = subprocess.run([tool, "verify", "--man=no", str(unit)], capture_output=True, text=True, timeout=30)
    assert "basewatch.service" not in verdict.stderr, verdict.stderr


def test_the_unit_is_watched_restarted_and_given_the_time_that_a_stop_takes(service: dict[str, str]) -> None:
    assert service["Type"] == "notify"
    assert service["Restart"] == "always"
    assert int(service["WatchdogSec"]) >= 30
    assert int(service["TimeoutStopSec"]) >= 20
    assert "HUP" in service["ExecReload"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("ProtectSystem", "strict"),
        ("ProtectHome", "yes"),
        ("NoNewPrivileges", "yes"),
        ("CapabilityBoundingSet", ""),
        ("PrivateTmp", "yes"),
        ("PrivateDevices", "yes"),
        ("ProtectKernelModules", "yes"),
        ("ProtectControlGroups", "yes"),
        ("RestrictNamespaces", "yes"),
        ("LockPersonality", "yes"),
        ("SystemCallArchitectures", "native"),
        ("UMask", "0077"),
    ],
)
def test_the_unit_is_hardened(service: dict[str, str], key: str, value: str) -> None:
    assert service[key] == value


def test_the_service_is_no_root_and_writes_where_it_may(service: dict[str, str]) -> None:
    assert service["User"] not in ("", "root")
    assert f"BASEWATCH_DATA_DIR=/var/lib/{service['StateDirectory']}" in service["Environment"]
    settings = load_settings(None, environ={"BASEWATCH_DATA_DIR": "/var/lib/basewatch"})
    assert str(settings.data_dir) == "/var/lib/basewatch"


def test_every_base_image_is_pinned_to_a_full_version(dockerfile: list[tuple[str, str]]) -> None:
    bases = [words.split()[0] for word, words in dockerfile if word == "FROM"]
    assert bases
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base) for base in bases), bases
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert wanted.startswith(">=3.11")


def test_the_container_runs_as_a_user_of_its_own_with_a_health_check(dockerfile: list[tuple[str, str]]) -> None:
    last = max(number for number, (word, _) in enumerate(dockerfile) if word == "FROM")
    stage = dict(dockerfile[last:])
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", stage["USER"])
    assert "basewatch" in stage["HEALTHCHECK"]
    assert "--require-hashes" in " ".join(words for word, words in dockerfile if word == "RUN")
    known = {
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "ENV",
        "USER",
        "VOLUME",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
        "CMD",
    }
    assert {word for word, _ in dockerfile} <= known


def test_what_the_container_copies_is_there(dockerfile: list[tuple[str, str]]) -> None:
    for word, words in dockerfile:
        if word == "COPY" and not words.startswith("--from"):
            assert all((ROOT / name).exists() for name in words.split()[:-1]), words


def test_compose_runs_it_read_only_without_privileges() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    for line in (
        "read_only: true",
        "cap_drop: [ALL]",
        "no-new-privileges:true",
        "restart: always",
        "stop_grace_period",
    ):
        assert line in text
    assert "\t" not in text


def test_each_file_is_explained_and_what_was_not_tried_is_said() -> None:
    for name in ("basewatch.service", "Dockerfile", "compose.yaml"):
        assert f"deploy/{name}" in DOCS
    assert "was not built" in DOCS
    assert "do not build it" in DOCS


def test_what_the_image_runs_can_be_read_by_its_user_whatever_the_umask_of_the_checkout(
    dockerfile: list[tuple[str, str]],
) -> None:
    assert any("chmod -R a+rX" in words for word, words in dockerfile if word == "RUN")


def test_the_health_check_is_a_command_that_exists(dockerfile: list[tuple[str, str]]) -> None:
    (words,) = (words for word, words in dockerfile if word == "HEALTHCHECK")
    command = json.loads(words[words.index("[") :])
    options = {option for part in get_command(app).commands["doctor"].params for option in part.opts}
    assert command[:2] == ["basewatch", "doctor"]
    assert {word for word in command if word.startswith("--")} <= options
