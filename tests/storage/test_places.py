"""Where a database may be."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from storage.faults import DatabaseFault
from storage.places import check_file, check_file_system, database_url, file_system_of, shown

MOUNTS = """\
22 1 254:1 / / rw,relatime - ext4 /dev/vda rw
40 22 0:40 / /srv/share rw - nfs4 server:/share rw
41 40 0:41 / /srv/share/local rw - xfs /dev/vdb rw
42 22 0:42 / /mnt/with\\040space rw - cifs //nas/x rw
43 22 0:43 / /mnt/windows rw - 9p drvfs rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/home/basewatch.db", "ext4"),
        ("/srv/share/basewatch.db", "nfs4"),
        ("/srv/shareholder/basewatch.db", "ext4"),
        ("/srv/share/local/deep/basewatch.db", "xfs"),
        ("/mnt/with space/basewatch.db", "cifs"),
    ],
)
def test_the_longest_mount_point_tells_the_file_system(path: str, kind: str) -> None:
    assert file_system_of(Path(path), MOUNTS) == kind


def test_a_network_file_system_is_refused_in_a_sentence_that_names_the_way_out(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    with pytest.raises(DatabaseFault, match="local disk, or use PostgreSQL") as caught:
        check_file_system(Path("/srv/share/basewatch.db"), mountinfo=mounts)
    assert caught.value.kind == "network_fs"


def test_a_file_system_that_may_be_shared_is_a_warning(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(MOUNTS)
    with caplog.at_level(logging.WARNING):
        check_file_system(Path("/mnt/windows/basewatch.db"), mountinfo=mounts)
    assert [record.action for record in caplog.records] == ["doubtful_file_system"]  # type: ignore[attr-defined]


def test_without_a_list_of_mounts_nothing_is_refused(tmp_path: Path) -> None:
    check_file_system(tmp_path / "basewatch.db", mountinfo=tmp_path / "absent")


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("basewatch.db", "sqlite"),
        ("sqlite:///basewatch.db", "sqlite"),
        ("postgresql://u:p@h/d", "postgresql+psycopg"),
        ("postgres://u:p@h/d", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg"),
    ],
)
def test_paths_and_urls_become_one_kind_of_url(written: str, driver: str) -> None:
    url = database_url(written)
    assert url.drivername == driver
    assert driver != "sqlite" or Path(str(url.database)).is_absolute()


@pytest.mark.parametrize(
    "written", ["mysql://u:p4ss@h/d", "sqlite://", "sqlite:///:memory:", "postgresql://u:p4ss@h:x/d"]
)
def test_other_databases_are_refused_without_repeating_the_url(written: str) -> None:
    with pytest.raises(DatabaseFault) as caught:
        database_url(written)
    assert "p4ss" not in str(caught.value)


def test_a_database_is_shown_without_user_password_and_options() -> None:
    assert shown(database_url("postgresql://me:p4ss@db.example:5433/watch?sslpassword=s3cret")) == "watch on db.example"


def test_a_missing_file_is_refused_where_it_must_exist_and_a_missing_folder_always(tmp_path: Path) -> None:
    check_file(tmp_path / "new.db", create=True)
    for path, create in ((tmp_path / "new.db", False), (tmp_path / "absent" / "new.db", True), (tmp_path, True)):
        with pytest.raises(DatabaseFault):
            check_file(path, create=create)
