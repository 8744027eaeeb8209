"""No secret in anything that the test run prints, logs or stores: every captured line and every log and database that a
test leaves is searched for the secrets that tests use.

A leak fails the run at its end, with the test's name and where the secret stood, never with the secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

#: what tests give as secrets, in parts, so that this file is not what the search finds
SECRETS = tuple(
    "".join(parts)
    for parts in (
        ("MfKQ9r8GKYqr", "TwjUPD8ILPZIo2LaLaSw"),  # the signing key of most webhooks
        ("U0VOVElORUwtc2ln", "bmluZy1rZXktMTIzNDU2Nzg5MA"),
        ("S3NT", "1NEL"),  # in every address, token and password of the channels' contract
        ("a-token-of-", "24-characters"),
        ("/ping/3f1a-", "secret-uuid"),
        ("sk-never-", "to-be-seen"),
    )
)
SEARCHED = ("*.log", "*.db", "*.db-wal")
MOST_BYTES = 64 * 2**20

_leaks: list[str] = []


def found_in(text: str | bytes) -> bool:
    """Whether any of the tests' secrets stands in it."""
    if isinstance(text, str):
        return any(secret in text for secret in SECRETS)
    return any(secret.encode() in text for secret in SECRETS)


def files_left(folder: Path) -> Iterator[Path]:
    """Logs and databases under a test's folder."""
    for pattern in SEARCHED:
        yield from (path for path in folder.rglob(pattern) if path.is_file() and path.stat().st_size < MOST_BYTES)


@pytest.fixture(autouse=True)
def _no_secret_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test that has a folder: what it left there holds no secret."""
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        leaked = [path.name for path in files_left(folder) if found_in(path.read_bytes())]
        assert not leaked, f"a secret stands in {', '.join(leaked)}"


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Search what the test printed and logged."""
    if report.failed:
        return  # pytest prints the test's own values then
    _leaks.extend(f"{report.nodeid}: {name}" for name, text in report.sections if found_in(text))


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _leaks and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for leak in dict.fromkeys(_leaks):
        terminalreporter.write_line(f"SECRET LEAKED in {leak}", red=True)
