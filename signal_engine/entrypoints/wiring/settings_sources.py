"""Sources of settings: the environment first, then `.env`; secrets also from files.

An empty variable counts as not set. `NAME_FILE` stands for `NAME` in the same place; both at once are an error. `.env`
is read literally: `$` is not expanded. Errors name the variable and its place.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from io import StringIO
from pathlib import Path
from typing import Any, Final, NamedTuple

from dotenv.parser import parse_stream
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from signal_engine.adapters.files.text_files import reason
from signal_engine.wire.config.yaml_files import ConfigurationError

PREFIX: Final = "SIGNAL_ENGINE_"
_DOTENV: Final = ".env"
"""In the current directory."""

_FILE: Final = "_FILE"
_FOR_TESTS: Final = PREFIX + "TEST_"


class FoundValue(NamedTuple):
    """The value set for one setting, and where it was found."""

    value: str
    origin: str
    """For people: `environment`, `.env`, `file PATH`."""
    named: str
    """For errors: `SIGNAL_ENGINE_GROUP`, `.env:3: SIGNAL_ENGINE_GROUP`."""


class _Place(NamedTuple):
    name: str
    values: dict[str, str]
    lines: dict[str, int]
    """Variable -> line; empty unless the place is a file."""

    def named(self, variable: str) -> str:
        return f"{self.name}:{self.lines[variable]}: {variable}" if self.lines else variable


def variable(field: str) -> str:
    """The environment variable of a field."""
    return PREFIX + field.upper()


def find(fields: Iterable[str], secrets: Iterable[str]) -> dict[str, FoundValue]:
    """Field -> its value, for all fields that are set. Raises `ConfigurationError` naming every unreadable variable."""
    errors: list[str] = []
    places = _places()
    found: dict[str, FoundValue] = {}
    for field in fields:
        for place in places:
            try:
                value = _find(place, variable(field), secret=field in secrets)
            except ConfigurationError as error:
                errors += error.lines
                break
            if value is not None:
                found[field] = value
                break
    if errors:
        raise ConfigurationError(errors)
    return found


def unknown(fields: Iterable[str], secrets: Iterable[str]) -> Iterator[str]:
    """Yield a message for each variable that looks like a setting but is none: typos would otherwise be silent."""
    known = {variable(field) for field in fields} | {variable(field) + _FILE for field in secrets}
    for place in _places():
        for name in sorted(place.values.keys() - known):
            if name.startswith(PREFIX) and not name.startswith(_FOR_TESTS):
                near = get_close_matches(name, known, 1)
                yield f"{place.named(name)}: is not a setting" + (f"; did you mean {near[0]}?" if near else "")


class Variables(PydanticBaseSettingsSource):
    """`find` as a pydantic-settings source. Also fills the field `origins`."""

    def __init__(self, settings: type[BaseSettings], fields: Iterable[str], secrets: Iterable[str]) -> None:
        super().__init__(settings)
        self._fields = tuple(fields)
        self._secrets = tuple(secrets)

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        """Unused: `__call__` finds all fields at once."""
        raise NotImplementedError

    def __call__(self) -> dict[str, Any]:
        """Field -> text, and under `origins` field -> origin, except for fields the program itself has set."""
        found = find([field for field in self._fields if field not in self.current_state], self._secrets)
        values: dict[str, Any] = {field: it.value for field, it in found.items()}
        return {**values, "origins": {field: it.origin for field, it in found.items()}}


def _places() -> tuple[_Place, _Place]:
    return _Place("environment", _set(os.environ), {}), _dotenv()


def _set(values: Mapping[str, str | None]) -> dict[str, str]:
    return {name: value for name, value in values.items() if value}


def _dotenv() -> _Place:
    path = Path(_DOTENV)
    if not path.is_file():
        return _Place(_DOTENV, {}, {})
    try:
        bindings = list(parse_stream(StringIO(path.read_text("utf-8"))))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError([f"{_DOTENV}: cannot be read: {reason(error)}"]) from None
    if broken := [binding.original.line for binding in bindings if binding.error]:
        raise ConfigurationError(f"{_DOTENV}:{line}: is not NAME=VALUE" for line in broken)
    lines = {binding.key: binding.original.line for binding in bindings if binding.key}
    return _Place(_DOTENV, _set({binding.key: binding.value for binding in bindings if binding.key}), lines)


def _find(place: _Place, name: str, *, secret: bool) -> FoundValue | None:
    value = place.values.get(name)
    path = place.values.get(name + _FILE) if secret else None
    if path is None:
        return None if value is None else FoundValue(value, place.name, place.named(name))
    if value is not None:
        raise ConfigurationError([f"{place.named(name)}: is set together with {name}{_FILE}; set only one"])
    try:
        text = Path(path).read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = (
            reason(error) if isinstance(error, OSError) else "is not UTF-8"
        )  # UnicodeDecodeError would quote the bytes
        raise ConfigurationError([f"{place.named(name + _FILE)}: {path}: cannot be read: {why}"]) from None
    return FoundValue(text, f"file {path}", place.named(name + _FILE))
