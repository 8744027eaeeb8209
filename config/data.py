"""The data files: those that ship with Basewatch, and a folder of the operator's own that overlays them by id."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import ConfigError

Tree = dict[str, Any]  #: raw values as TOML gives them; whoever takes one out checks it

#: folder of the shipped data; inside the installed package, never written to
DATA_DIR = Path(__file__).resolve().parent


def overlay(config_dir: Path | None, folder: str) -> Iterator[Path]:
    """The TOML files of a folder such as "outlets": the shipped ones by name, then the operator's.

    Whoever reads them keeps, for each id, what came last: so the operator's entry wins, and an upgrade, which only
    replaces shipped files, never touches it. Raises ConfigError where there is no such folder of the operator's: going
    on without it would silently drop the outlets and names that stand there.
    """
    if config_dir is not None and not config_dir.is_dir():
        raise ConfigError(f"there is no folder {config_dir}: create it, or take the setting away", key="config_dir")
    for base in (DATA_DIR, config_dir):
        if base is not None and (base / folder).is_dir():
            yield from sorted((base / folder).glob("*.toml"))


def read_toml(path: Path) -> Tree:
    """The file's tables. Raises ConfigError where it is missing, no UTF-8 or no TOML."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=path) from None
    except UnicodeDecodeError as error:
        raise ConfigError(f"is not UTF-8 at byte {error.start}", file=path) from None
    except tomllib.TOMLDecodeError as error:
        hint = ": write patterns in single quotes, '…'" if "'\\'" in str(error) else ""
        raise ConfigError(f"is not valid TOML: {error}{hint}", file=path) from None
