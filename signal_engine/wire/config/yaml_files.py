"""Parse YAML into plain values with the line of each, so that every error names file, line and field."""

from collections.abc import Iterable
from typing import Annotated, Any, Final, NamedTuple

from pydantic import Field, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.composer import Composer, ComposerError
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionStartEvent
from ruamel.yaml.nodes import CollectionNode
from ruamel.yaml.scanner import RoundTripScanner, ScannerError

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.rules.problems import InvalidConfiguration, Problem

Path = tuple[str | int, ...]
Version = Annotated[int, Field(strict=True, ge=1, le=2**31 - 1)]
"""The version of a file, which people count up."""

_MAX_BYTES: Final = 256 * 1024
"""Largest file in bytes; the shipped files have ten thousand."""
_MAX_DEPTH: Final = 32
"""Deepest nesting of lists and mappings."""
_MAX_VALUES: Final = 10_000
"""Most values, names of fields included; the shipped files have some hundreds. So many take half a second."""
_MAX_DIGITS: Final = 10_000
"""Most digits of a whole number; Python does not even print far longer ones."""
_ILLEGIBLE: Final = "(name)"
_NO_NAME: Final = "has a list or a mapping as a field name"
_YAML: Final = "tag:yaml.org,2002:"
_NO_NUMBER: Final = "is not a readable number"
_TOO_DEEP: Final = f"is nested more than {_MAX_DEPTH} levels deep"
_TOO_MANY: Final = f"has more than {_MAX_VALUES:,} values"
_NO_DATE: Final = "must be a date, such as 2027-02-20"
_NO_MAPPING: Final = "must be a mapping of fields to values"
_TOO_SHORT: Final = "must not be empty"
_IN_OUR_WORDS: Final = {
    "missing": "is required",
    "extra_forbidden": "is not a known field",
    "too_short": _TOO_SHORT,  # no model requires more than one
    "string_too_short": _TOO_SHORT,
    "model_type": _NO_MAPPING,
    "dict_type": _NO_MAPPING,
    "date_type": _NO_DATE,
    "date_parsing": _NO_DATE,
    "date_from_datetime_parsing": _NO_DATE,
    "date_from_datetime_inexact": _NO_DATE,
}
"""pydantic's error type -> our words."""


class _Scanner(RoundTripScanner):
    """A scanner that limits nested brackets, for which ruamel needs time quadratic in their depth."""

    def fetch_flow_collection_start(self, TokenClass: Any, to_push: str) -> None:  # noqa: N803 (ruamel's name)
        """`[` or `{`."""
        if len(self.flow_context) >= _MAX_DEPTH:
            raise ScannerError(None, None, _TOO_DEEP, self.reader.get_mark())
        super().fetch_flow_collection_start(TokenClass, to_push)


class _Composer(Composer):
    """A composer that rejects YAML features no configuration needs, before it builds any value."""

    _around: tuple[str | None, ...] = ()
    """The anchors of the enclosing values."""
    _values = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose one value with its content."""
        self._values += 1
        event = self.parser.peek_event()
        is_name = parent is not None and index is None
        if problem := self._problem(event, is_name=is_name):
            raise ComposerError(None, None, problem, event.start_mark)
        around, self._around = self._around, (*self._around, event.anchor)
        try:
            return super().compose_node(parent, index)
        finally:
            self._around = around

    def _problem(self, event: Any, *, is_name: bool) -> str | None:
        if isinstance(event, AliasEvent):
            if event.anchor in self._around:
                return f"*{event.anchor} contains itself"
            named = self.anchors.get(event.anchor)
            return _NO_NAME if is_name and isinstance(named, CollectionNode) else None
        if self._values > _MAX_VALUES:
            return _TOO_MANY
        if event.anchor is not None and event.anchor in self.anchors:
            return f"&{event.anchor} is defined twice"
        if event.tag:
            return f"has the tag {str(event.tag).replace(_YAML, '!!')}: tags are not supported; quote text"
        if is_name and isinstance(event, CollectionStartEvent):
            return _NO_NAME
        return _TOO_DEEP if len(self._around) > _MAX_DEPTH else None


class _Constructor(RoundTripConstructor):
    """A constructor that keeps dates as text: the models read them and report impossible ones."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001 (ruamel passes it so)
        """Construct one value; an error names its line."""
        try:
            return super().construct_object(node, deep)
        except ValueError:
            raise ConstructorError(None, None, _NO_NUMBER, node.start_mark) from None


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", RoundTripConstructor.construct_scalar)


class ConfigurationError(SignalEngineError, ValueError):
    """An invalid configuration; `lines` has one message per problem: `FILE:LINE: FIELD: what is wrong`."""

    exit_code = WRONG_USE

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))

    def messages(self) -> tuple[str, ...]:
        """One per problem."""
        return self.lines


class Document(NamedTuple):
    """A parsed YAML file."""

    name: str
    """Its name in messages."""
    data: Any
    """Plain dicts, lists, text, numbers, booleans."""
    lines: dict[Path, int]
    """1-based line of every key and list item."""

    def error(self, problems: Iterable[Problem]) -> ConfigurationError:
        """The error that reports `problems`."""
        return ConfigurationError(self.placed(problems))

    def placed(self, problems: Iterable[Problem]) -> tuple[str, ...]:
        """The problems as `FILE:LINE: FIELD: what is wrong`, in the order of the file."""
        placed = sorted({(self.line(p.path), ".".join(map(str, p.path)), p.message) for p in problems})
        return tuple(
            f"{self.name}:{line}: {field}: {message}" if field else f"{self.name}:{line}: {message}"
            for line, field, message in placed
        )

    def line(self, path: Path) -> int:
        """The line of `path`, or of the nearest enclosing value that exists."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read(name: str, text: bytes) -> Document:
    """Parse one YAML 1.2 document. Raises `ConfigurationError` naming file and line.

    Takes at most a second, whatever the content: bytes, depth and values (aliases expanded) are limited.
    """
    if len(text) > _MAX_BYTES:
        raise ConfigurationError([f"{name}:1: has {len(text):,} bytes; at most {_MAX_BYTES:,} are allowed"])
    try:
        data = _loader().load(text.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise ConfigurationError([f"{name}:{text[: error.start].count(10) + 1}: is not UTF-8"]) from None
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(str(error.problem or error.context or "is not YAML").split())
        if isinstance(error, DuplicateKeyError):  # it quotes both values, which may have addresses of people
            what = what.partition('" with value "')[0] + '"'
        raise ConfigurationError([f"{name}:{mark.line + 1 if mark else 1}: {what}"]) from None
    except (YAMLError, ValueError) as error:
        raise ConfigurationError([f"{name}:1: is not YAML: {' '.join(str(error).split())}"]) from None
    lines: dict[Path, int] = {(): 1}
    document = Document(name, None, lines)
    try:
        return document._replace(data=_PlainConverter(lines).of(data, ()))
    except InvalidConfiguration as refused:
        raise document.error(refused.problems) from None


def _loader() -> YAML:
    loader = YAML(typ="rt", pure=True)
    loader.Scanner, loader.Composer, loader.Constructor = _Scanner, _Composer, _Constructor
    return loader


def problems_of(error: ValidationError) -> list[Problem]:
    """pydantic's errors in our words."""
    return [Problem(tuple(e["loc"]), _words(e["type"], e["msg"])) for e in error.errors(include_input=False)]


def _words(kind: str, message: str) -> str:
    if kind in _IN_OUR_WORDS:
        return _IN_OUR_WORDS[kind]
    message = message.removeprefix("Value error, ").removeprefix("Input should be ").removeprefix("Input ")
    message = message.replace("String should have", "must have", 1)
    return message if message.startswith(("must", "is ", "takes")) else f"must be {message}"


class _PlainConverter:
    """Convert ruamel's values to plain ones, and note the line of each. Aliases are expanded wherever they occur."""

    def __init__(self, lines: dict[Path, int]) -> None:
        """`lines` gets an entry for each path."""
        self._lines = lines
        self._values = 0

    def of(self, value: Any, path: Path) -> Any:
        """The plain value. Raises `InvalidConfiguration` naming the place of what is too large or unknown."""
        self._values += 1
        if self._values > _MAX_VALUES:
            raise InvalidConfiguration([Problem(path, f"{_TOO_MANY}, with aliases expanded")])
        if isinstance(value, CommentedMap):
            return self._mapping(value, path)
        if isinstance(value, CommentedSeq):
            return self._sequence(value, path)
        if (problem := _illegible(value)) is not None:
            raise InvalidConfiguration([Problem(path, problem)])
        for kind in (bool, int, float, str):  # drop the loader's scalar classes, which remember their spelling
            if isinstance(value, kind):
                return kind(value)
        if value is None:
            return None
        raise InvalidConfiguration([Problem(path, "must be text, a number, true, false, a list or a mapping")])

    def _mapping(self, value: CommentedMap, path: Path) -> dict[Any, Any]:
        found = {}
        for key, item in value.items():
            its: Path = (*path, key)
            around = self._lines.get(path, 1)
            self._lines[its] = value.lc.key(key)[0] + 1 if value.lc.data and key in value.lc.data else around
            if (problem := _illegible(key)) is not None:  # the message cannot quote it
                self._lines[(*path, _ILLEGIBLE)] = self._lines[its]
                raise InvalidConfiguration([Problem((*path, _ILLEGIBLE), problem)])
            found[key] = self.of(item, its)
        return found

    def _sequence(self, value: CommentedSeq, path: Path) -> list[Any]:
        for index in range(len(value)):
            self._lines[(*path, index)] = value.lc.item(index)[0] + 1
        return [self.of(item, (*path, index)) for index, item in enumerate(value)]


def _illegible(value: Any) -> str | None:
    """Why a number or text can be neither used nor printed; None if it can."""
    if isinstance(value, int) and value.bit_length() > _MAX_DIGITS:
        return _NO_NUMBER
    if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
        return "is not valid text: it contains half a character (a lone surrogate)"
    return None
