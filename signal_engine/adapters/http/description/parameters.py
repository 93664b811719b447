"""Query parameters, declared once for both reading and the OpenAPI document."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from urllib.parse import parse_qsl

from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.wire.instants import parse_instant

_MAX_FIELDS: Final = 20
_MAX_DIGITS: Final = 9


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: name, reader (ValueError says what is wrong), JSON Schema, description."""

    name: str
    read: Callable[[str], Any]
    schema: tuple[tuple[str, Any], ...]
    description: str
    required: bool = False


def number(name: str, minimum: int, maximum: int, description: str) -> Parameter:
    """A parameter that is a whole number in digits."""

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS and minimum <= int(text) <= maximum:
            return int(text)
        raise ValueError(f"must be a whole number from {minimum} to {maximum}")

    return Parameter(name, read, (("type", "integer"), ("minimum", minimum), ("maximum", maximum)), description)


def text(name: str, description: str, *, required: bool = False) -> Parameter:
    """A parameter that is any non-empty text."""

    def read(given: str) -> str:
        if not given:
            raise ValueError("must not be empty")
        return given

    return Parameter(name, read, (("type", "string"), ("minLength", 1)), description, required)


def one_of(name: str, words: Sequence[str], description: str) -> Parameter:
    """A parameter that is one of a few words."""

    def read(given: str) -> str:
        if given not in words:
            raise ValueError(f"must be one of {', '.join(words)}")
        return given

    return Parameter(name, read, (("type", "string"), ("enum", tuple(words))), description)


def instant(name: str, description: str) -> Parameter:
    """A parameter that is an RFC 3339 instant with a zone, read as ms since 1970; a blank counts as the `+` it was."""

    def read(given: str) -> int:
        date, blank, zone = given.rpartition(" ")
        return parse_instant(f"{date}+{zone}" if blank and "T" in date.upper() else given)

    return Parameter(name, read, (("type", "string"), ("format", "date-time")), description)


def _unknown(known: Iterable[str]) -> str:
    """The detail for an unknown parameter; it does not quote the name, which might be a misplaced secret."""
    names = ", ".join(known)
    return f"unknown parameter; the parameters are {names}" if names else "this endpoint takes no parameters"


@lru_cache(maxsize=1_024)  # polling clients repeat the same query
def read_query(declared: tuple[Parameter, ...], query: bytes) -> Mapping[str, Any]:
    """Parameter name -> value. Raises `HttpProblem` (422) naming every invalid parameter."""
    by_name = {parameter.name: parameter for parameter in declared}
    try:
        pairs = parse_qsl(query.decode("latin-1"), keep_blank_values=True, max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise HttpProblem(422, "the query has too many parameters") from None
    values: dict[str, Any] = {}
    errors: list[dict[str, str]] = []
    for name, given in pairs:
        parameter = by_name.get(name)
        if parameter is None:
            errors.append({"detail": _unknown(by_name)})
        elif name in values:
            errors.append({"parameter": name, "detail": "is given twice"})
        else:
            try:
                values[name] = parameter.read(given)
            except ValueError as error:
                errors.append({"parameter": name, "detail": str(error)})
    named = {name for name, _ in pairs}
    errors += [
        {"parameter": one.name, "detail": "is required"} for one in declared if one.required and one.name not in named
    ]
    if errors:
        raise HttpProblem(422, "the query has invalid parameters", errors)
    return values
