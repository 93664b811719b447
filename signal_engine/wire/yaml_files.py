"""YAML text to plain values, with the line of every path, so that each error names file, line and field."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from signal_engine.core.problems import Problem

Path = tuple[str | int, ...]


class _Constructor(RoundTripConstructor):
    """Dates stay text: the models read them, and say where one is impossible."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


class ConfigurationError(ValueError):
    """A configuration that is refused; `lines` holds one message per problem: `FILE:LINE: FIELD: what is wrong`."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


class Document(NamedTuple):
    """One YAML file, read."""

    name: str
    """As it is named in messages."""
    data: Any
    """Plain dicts, lists, text, numbers, booleans."""
    lines: dict[Path, int]
    """1-based line of every key and list item."""

    def error(self, problems: Iterable[Problem]) -> ConfigurationError:
        """The problems as a refusal of the file."""
        return ConfigurationError(self.placed(problems))

    def placed(self, problems: Iterable[Problem]) -> tuple[str, ...]:
        """The problems with their places, `FILE:LINE: FIELD: what is wrong`, in the order of the file."""
        placed = sorted({(self.line(p.path), ".".join(map(str, p.path)), p.message) for p in problems})
        return tuple(
            f"{self.name}:{line}: {field}: {message}" if field else f"{self.name}:{line}: {message}"
            for line, field, message in placed
        )

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest thing around it that is there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(name: str, text: bytes) -> Document:
    """Parses one YAML 1.2 document. Raises `ConfigurationError` naming file and line."""
    try:
        loader = YAML(typ="rt", pure=True)
        loader.Constructor = _Constructor
        data = loader.load(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{name}:{text[: error.start].count(10) + 1}: is not UTF-8"]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(error.problem or error.context or "is not YAML").split())
        raise ConfigurationError([f"{name}:{mark.line + 1 if mark else 1}: {what}"]) from None
    except (YAMLError, ValueError) as error:
        raise ConfigurationError([f"{name}:1: is not YAML: {' '.join(str(error).split())}"]) from None
    lines: dict[Path, int] = {(): 1}
    return Document(name, _plain(data, (), lines), lines)


def problems_of(error: ValidationError) -> list[Problem]:
    """pydantic's findings in the words of this project."""
    return [Problem(tuple(e["loc"]), _words(e["type"], e["msg"])) for e in error.errors(include_input=False)]


def _words(kind: str, message: str) -> str:
    if kind == "missing":
        return "is required"
    if kind == "extra_forbidden":
        return "is not a known field"
    message = message.removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("Input ")
    return message if message.startswith(("must", "is ", "takes")) else f"must be {message}"


def _plain(value: Any, path: Path, lines: dict[Path, int]) -> Any:
    if isinstance(value, CommentedMap):
        for key in value:
            lines[(*path, key)] = value.lc.key(key)[0] + 1 if key in value.lc.data else lines.get(path, 1)
        return {key: _plain(item, (*path, key), lines) for key, item in value.items()}
    if isinstance(value, CommentedSeq):
        for index in range(len(value)):
            lines[(*path, index)] = value.lc.item(index)[0] + 1
        return [_plain(item, (*path, index), lines) for index, item in enumerate(value)]
    for kind in (bool, int, float, str):  # the loader's own scalar classes remember their spelling; not wanted here
        if isinstance(value, kind):
            return kind(value)
    return value
