"""Where settings come from: a TOML file, the environment, files named by ``NAME_FILE``; and what is wrong with them.

Both sources are plain nested dictionaries of raw values; pydantic checks them afterwards. No message made here holds a
value that was read, since any value may be a secret.
"""

from __future__ import annotations

import difflib
import logging
import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from config.channels import KINDS
from config.data import Tree, read_toml
from core.errors import ConfigError

log = logging.getLogger(__name__)

PREFIX = "BASEWATCH_"
SECRET_KEYS = frozenset(
    {"url", "secrets", "password", "database", "api_key", "token", "heartbeat_url", "heartbeat_fail_url"}
)  #: may be given as NAME_file
_PATH_KEYS = frozenset({"config_dir", "ca_file"})  #: relative to the configuration file that names them
#: read elsewhere: the command's --config, the failpoints, the command's own errors
_NOT_SETTINGS = frozenset({"config", "die_at", "traceback"})
# Kubernetes and old Docker put such variables into every container beside a service that is called "basewatch".
_SERVICE_LINK = re.compile(r"(?:.+_)?(?:service_host|service_port(?:_.+)?|port(?:_\d+_(?:tcp|udp)(?:_.+)?)?)")
_TAGS = frozenset(KINDS)
#: beginning of pydantic's word for a value of a wrong type -> what to write, in the words of docs/configuration.md
_PLAIN_TYPES = {
    "int_": "a whole number",
    "float_": "a number",
    "bool_": "true or false",
    "string_type": "text in quotes",
    "tuple_type": "a list",
    "model_": "a table",
    "dict_": "a table",
}


class _Source(PydanticBaseSettingsSource):
    """A source whose whole tree is read once, when it is made."""

    label: Path | str = ""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        self.tree: Tree = {}

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        return self.tree.get(field_name), field_name, False

    def __call__(self) -> Tree:
        return self.tree

    def key(self, path: tuple[str, ...]) -> str:
        """How a person writes the key in this source."""
        return ".".join(path)

    def holds(self, path: tuple[str, ...]) -> bool:
        node: object = self.tree
        for part in path:
            if not isinstance(node, dict) or part not in node:
                return False
            node = node[part]
        return True


class FileSource(_Source):
    """The TOML file; an empty source where ``path`` is None."""

    def __init__(self, settings_cls: type[BaseSettings], path: Path | None) -> None:
        super().__init__(settings_cls)
        self.path, self.label = path, path or "configuration"
        self.holds_secret = False
        if path is None:
            return
        if not path.exists():
            raise ConfigError("there is no such file: write one with `basewatch init`", file=path)
        self.tree = read_toml(path)
        self.holds_secret = any(_is_secret(key, value) for key, value in _leaves(self.tree))
        _resolve_paths(self.tree, path.parent)
        _read_secret_files(self, self.tree, path.parent, ())


class EnvironmentSource(_Source):
    """``BASEWATCH_CHANNELS__OPS__URL`` and the like; empty values count as unset."""

    label = "environment"

    def __init__(self, settings_cls: type[BaseSettings], environ: Mapping[str, str]) -> None:
        super().__init__(settings_cls)
        for name, value in sorted(environ.items()):
            rest = name.upper().removeprefix(PREFIX).lower()
            if not name.upper().startswith(PREFIX) or rest in _NOT_SETTINGS:
                continue
            is_link = "__" not in rest and _SERVICE_LINK.fullmatch(rest)  # PAGE__PORT is a setting
            if value and not is_link:
                self._put(name, rest.split("__"), value)
        _read_secret_files(self, self.tree, Path(), ())

    def _put(self, name: str, path: list[str], value: str) -> None:
        node = self.tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise ConfigError("is given both as a whole and in parts: keep one", file=self.label, key=name)
        if isinstance(node.get(path[-1]), dict):
            raise ConfigError("is given both as a whole and in parts: keep one", file=self.label, key=name)
        node[path[-1]] = value

    def key(self, path: tuple[str, ...]) -> str:
        return PREFIX + "__".join(path).upper()


def _leaves(tree: Tree) -> Iterator[tuple[str, object]]:
    for key, value in tree.items():
        if isinstance(value, dict):
            yield from _leaves(value)
        else:
            yield key, value


def _is_secret(key: str, value: object) -> bool:
    """Whether the file itself holds a secret here; a database address is one when it has a password."""
    if key == "database":
        return isinstance(value, str) and re.search(r"://[^/@]*:[^/@]*@|[?&]password=", value) is not None
    return key in SECRET_KEYS


def _resolve_paths(tree: Tree, folder: Path) -> None:
    for key, value in tree.items():
        if isinstance(value, dict):
            _resolve_paths(value, folder)
        elif key in _PATH_KEYS and isinstance(value, str):
            tree[key] = str(folder / Path(value).expanduser())


def _read_secret_files(source: _Source, tree: Tree, folder: Path, at: tuple[str, ...]) -> None:
    """Replace each ``NAME_file`` by ``NAME`` with the file's content, line end removed."""
    for key in list(tree):
        value, name = tree[key], key.removesuffix("_file")
        if isinstance(value, dict):
            _read_secret_files(source, value, folder, (*at, key))
        elif key != name and name in SECRET_KEYS:
            where = source.key((*at, key))
            if name in tree:
                raise ConfigError(f"is given beside {name}: keep one of the two", file=source.label, key=where)
            tree[name] = _secret_from(tree.pop(key), folder, source.label, where)


def _secret_from(value: object, folder: Path, label: Path | str, key: str) -> str:
    if not isinstance(value, str):
        raise ConfigError("must be the name of a file", file=label, key=key)
    path = folder / Path(value).expanduser()
    try:
        content = path.read_text(encoding="utf-8-sig").strip()
    except OSError as error:
        raise ConfigError(f"the file it names, {path}, cannot be read: {error.strerror}", file=label, key=key) from None
    except UnicodeDecodeError:
        raise ConfigError(f"the file it names, {path}, is not text in UTF-8", file=label, key=key) from None
    if not content:
        raise ConfigError(f"the file it names, {path}, is empty", file=label, key=key)
    return content


def config_error(error: ValidationError, file: FileSource, environment: EnvironmentSource) -> ConfigError:
    """The first problem that pydantic found, as file, key and reason, and how many more there are."""
    details = error.errors(include_url=False, include_context=True, include_input=False)
    first = details[0]
    path = _key_path(first)
    source: _Source = environment if path and environment.holds(path) else file
    reason = _reason(first, path, error)
    if len(details) > 1:
        reason += f" ({len(details) - 1} more after this)"
    return ConfigError(reason, file=source.label, key=source.key(path) or None)


def _key_path(detail: ErrorDetails) -> tuple[str, ...]:
    """The keys as written in the file: without the tag of a channel's kind and without positions in a list."""
    loc = detail["loc"]
    # The rules have no names of their own in the file: they are counted, as people count.
    is_rule = loc[:1] == ("routes",) and len(loc) > 1 and isinstance(loc[1], int)
    numbered = (loc[0], str(int(loc[1]) + 1), *loc[2:]) if is_rule else loc
    path = [part for part in numbered if isinstance(part, str) and part != "[key]"]
    if len(path) > 2 and path[0] == "channels" and path[2] in _TAGS:
        del path[2]
    if detail["type"].startswith("union_tag") and path[:1] == ["channels"]:
        path.append("kind")
    return tuple(path)


def _reason(detail: ErrorDetails, path: tuple[str, ...], error: ValidationError) -> str:
    match detail["type"]:
        case "extra_forbidden":
            return _unknown(path, _model_at(detail))
        case "missing":
            either = f": give it, or {path[-1]}_file with the name of a file that holds it"
            return "is required and not set" + (either if path and path[-1] in SECRET_KEYS else "")
        case "union_tag_not_found":
            return f"is required: choose one of {', '.join(KINDS)}"
        case "union_tag_invalid":
            return f"is no kind of channel: choose one of {', '.join(KINDS)}"
        case "string_pattern_mismatch" if path[:1] == ("channels",):
            return "is no name for a channel: use small letters, digits, - and _"
    for prefix, words in _PLAIN_TYPES.items():
        if detail["type"].startswith(prefix):
            return f"must be {words}"
    message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be", 1)
    return message[:1].lower() + message[1:]


def _unknown(path: tuple[str, ...], known: list[str]) -> str:
    near = difflib.get_close_matches(path[-1], known, n=1, cutoff=0.6)
    if near:
        return f"unknown setting; did you mean {near[0]!r}?"
    return f"unknown setting; known here: {', '.join(known)}"


def _model_at(detail: ErrorDetails) -> list[str]:
    """The keys that the table of an unknown key does take, as a person writes them."""
    from config.settings import Settings

    fields: Mapping[str, FieldInfo] = Settings.model_fields
    parts = [part for part in detail["loc"][:-1] if isinstance(part, str)]
    if parts[:1] == ["channels"] and len(parts) > 2:
        fields = KINDS[parts[2]].model_fields
    elif parts:
        fields = _section(fields[parts[0]]).model_fields
    return sorted(field.alias or name for name, field in fields.items())


def _section(field: FieldInfo) -> type[BaseModel]:
    kinds = [kind for kind in (field.annotation, *get_args(field.annotation)) if isinstance(kind, type)]
    return next(kind for kind in kinds if issubclass(kind, BaseModel))


def is_readable_by_others(path: Path) -> bool:
    """Whether every user of this machine may read the file; False where it cannot be asked."""
    try:
        return bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False


def warn_if_readable(file: FileSource) -> None:
    if file.path is not None and file.holds_secret and is_readable_by_others(file.path):
        log.warning(
            "%s holds secrets and every user of this machine can read it: run `chmod 600 %s`",
            file.path,
            file.path,
            extra={"action": "config_readable_by_others"},
        )
