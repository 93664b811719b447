"""Predicates: what scoring rules and ICP files ask of a field (scoring.md, section 1).

An answer is True, False or None. None means that there is no answer: the field is missing or cannot be read as
the operand's type. A rule takes None for "does not hold"; a must-have of an ICP takes it for "unknown".
Of several predicates the whole follows Kleene: False beats None, and None beats True.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from signal_engine.core.rules.problems import InvalidConfiguration, Problem, type_name
from signal_engine.core.rules.readings import as_boolean, as_number, as_text, elements, fold

Answer = bool | None
Test = Callable[[Any], Answer]
Fields = Mapping[str, Any]
Compared = Literal["text", "number", "boolean"]

_IN_WORDS = {
    "eq": "is",
    "ne": "is not",
    "in": "is one of",
    "not_in": "is none of",
    "gte": "is at least",
    "gt": "is more than",
    "lte": "is at most",
    "lt": "is less than",
    "contains": "contains",
    "has_any": "has any of",
}
_ORDERINGS: dict[str, Callable[[float, float], bool]] = {
    "gte": lambda value, operand: value >= operand,
    "gt": lambda value, operand: value > operand,
    "lte": lambda value, operand: value <= operand,
    "lt": lambda value, operand: value < operand,
}
SELLS: Final = "$sells."
_EXPENSIVE_OPERATORS: Final = frozenset({"contains", *_ORDERINGS})
_TAKES_SELLS: Final = ("in", "not_in", "contains", "has_any")
OPERATORS = (*_IN_WORDS, "exists")


@dataclass(frozen=True, slots=True)
class Predicate:
    """What is asked of one field: every test must hold."""

    field: str
    tests: tuple[Test, ...]
    words: str
    """`is at least 200 and is at most 5000`."""
    compares: frozenset[Compared] = frozenset()
    """As what it reads the field."""
    metrics: bool = False
    """Whether it looks inside a text or at a size: of titles and seconds there are as many as events, of departments a
    few."""
    limits: tuple[tuple[str, float], ...] = ()
    """Operator and number of what it measures: (`gte`, 200.0)."""

    def answer(self, fields: Fields) -> Answer:
        """True, False, or None when the field is missing or unreadable as the operand's type."""
        value = fields.get(self.field)
        if len(self.tests) == 1:
            return self.tests[0](value)
        return every(test(value) for test in self.tests)


def shortfall(predicate: Predicate, fields: Fields) -> float | None:
    """How much the field's number has to change to hold: 20.0 more, or -300.0.

    0 where only equality is excluded (`gt`, `lt`). None where no limit is missed, or the field is no single number.
    """
    values = elements(fields.get(predicate.field))
    number = as_number(values[0]) if len(values) == 1 else None
    if number is None:
        return None
    missed = (limit - number for name, limit in predicate.limits if not _ORDERINGS[name](number, limit))
    return max(missed, key=abs, default=None)


def every(answers: Iterable[Answer]) -> Answer:
    """Kleene's "and": False if any is False, else None if any is None, else True."""
    whole: Answer = True
    for answer in answers:
        if answer is False:
            return False
        if answer is None:
            whole = None
    return whole


def holds(predicates: tuple[Predicate, ...], fields: Fields) -> bool:
    """True when every predicate holds; no answer counts as not holding."""
    return all(predicate.answer(fields) for predicate in predicates)


def predicates(
    when: Any, path: tuple[str | int, ...], sells: Mapping[str, Sequence[str]] | None = None
) -> tuple[Predicate, ...]:
    """The predicates of a `when` or `must_have` map. Raises `InvalidConfiguration`, naming the place.

    `sells` are the lists that an operand may name as `$sells.NAME`; None where there are none, as in an ICP file.
    """
    if not isinstance(when, dict) or not when:
        raise InvalidConfiguration([Problem(path, "must be a map of field to predicate")])
    return tuple(predicate(str(field), spec, (*path, field), sells) for field, spec in when.items())


def predicate(
    field: str, spec: Any, path: tuple[str | int, ...], sells: Mapping[str, Sequence[str]] | None = None
) -> Predicate:
    """One predicate: a value (the same as `eq`) or a map of operators. Raises `InvalidConfiguration`."""
    operators = spec if isinstance(spec, dict) else {"eq": spec}
    if not operators:
        raise InvalidConfiguration([Problem(path, "must name an operator")])
    operators = {name: _referred(str(name), operand, (*path, name), sells) for name, operand in operators.items()}
    tests = tuple(_test(str(name), operand, (*path, name)) for name, operand in operators.items())
    words = " and ".join(_words(str(name), operand) for name, operand in operators.items())
    limits = tuple((name, float(operand)) for name, operand in operators.items() if name in _ORDERINGS)
    compares, metrics = frozenset(_compared(operators)), not _EXPENSIVE_OPERATORS.isdisjoint(operators)
    return Predicate(field, tests, words, compares, metrics, limits)


def _compared(operators: Mapping[Any, Any]) -> Iterator[Compared]:
    for name, operand in operators.items():
        for item in operand if isinstance(operand, list) else [operand]:
            if name == "contains" or isinstance(item, str):
                yield "text"
            elif name != "exists":
                yield "boolean" if isinstance(item, bool) else "number"


class _Sold(list[str]):
    """A list of the `sells` block, where an operand refers to it; the only one that may be empty."""


def _referred(
    operator: str, operand: Any, path: tuple[str | int, ...], sells: Mapping[str, Sequence[str]] | None
) -> Any:
    """`$sells.NAME` as the list it names; any other operand as it is."""
    if not isinstance(operand, str) or not operand.startswith(SELLS):
        return operand
    if operator not in _TAKES_SELLS:
        raise InvalidConfiguration([Problem(path, f"{operand} is only allowed with {', '.join(_TAKES_SELLS)}")])
    name = operand.removeprefix(SELLS)
    if sells is None or name not in sells:
        known = ", ".join(f"{SELLS}{known}" for known in sells or ())
        raise InvalidConfiguration([Problem(path, f"unknown list {operand}; the lists are {known or 'none'}")])
    return _Sold(sells[name])


def _words(operator: str, operand: Any) -> str:
    if operator == "exists":
        return "is given" if operand else "is not given"
    shown = ", ".join(map(str, operand)) if isinstance(operand, list) else str(operand)
    return f"{_IN_WORDS[operator]} {shown}"


def _test(operator: str, operand: Any, path: tuple[str | int, ...]) -> Test:
    if operator == "exists":
        if not isinstance(operand, bool):
            raise InvalidConfiguration([Problem(path, "takes true or false")])
        return lambda value: bool(elements(value)) is operand
    if operator in _ORDERINGS:
        return _ordering(operator, operand, path)
    if operator == "contains":
        return _contains(tuple(as_text(word) for word in _operands(operand, path)))
    if operator in ("eq", "ne"):
        _single(operand, path)
    elif operator in ("in", "not_in") and not isinstance(operand, list):
        raise InvalidConfiguration([Problem(path, "takes a list")])
    elif operator not in ("in", "not_in", "has_any"):
        raise InvalidConfiguration(
            [Problem(path, f"unknown operator {operator!r}; the operators are {', '.join(OPERATORS)}")]
        )
    test = _any_of(_operands(operand, path))
    if operator in ("in", "not_in"):
        test = _readable(test)
    return _negation(test) if operator in ("ne", "not_in") else test


def _operands(operand: Any, path: tuple[str | int, ...]) -> list[Any]:
    if not isinstance(operand, list):
        return [_single(operand, path)]
    if not operand and not isinstance(operand, _Sold):
        raise InvalidConfiguration([Problem(path, "takes at least one value")])
    return [_single(item, (*path, index)) for index, item in enumerate(operand)]


def _single(operand: Any, path: tuple[str | int, ...]) -> Any:
    if not isinstance(operand, str | bool | int | float):
        found = "nothing" if operand is None else type_name.get(type(operand), f"a {type(operand).__name__}")
        raise InvalidConfiguration([Problem(path, f"takes text, a number or true/false, not {found}")])
    if isinstance(operand, str) and not operand.strip():
        raise InvalidConfiguration(
            [Problem(path, "takes text that is not blank; use exists to test whether a field is given")]
        )
    if not isinstance(operand, str | bool) and as_number(operand) is None:
        raise InvalidConfiguration([Problem(path, "takes a finite number")])
    return operand


def _ordering(operator: str, operand: Any, path: tuple[str | int, ...]) -> Test:
    limit = None if isinstance(operand, str) else as_number(operand)
    if limit is None:
        raise InvalidConfiguration([Problem(path, "takes a finite number")])
    bound, compare = limit, _ORDERINGS[operator]

    def test(value: Any) -> Answer:
        if type(value) is float or type(value) is int:  # events carry numbers; cells and lists take the long way
            return compare(value, bound)
        values = elements(value)
        number = as_number(values[0]) if len(values) == 1 else None
        return None if number is None else compare(number, bound)

    return test


@lru_cache(maxsize=256)  # rules that search for the same share one test: it is asked once an event
def _contains(words: tuple[str, ...]) -> Test:
    def test(value: Any) -> Answer:
        if type(value) is str and (text := fold(value)):  # events carry text; cells and lists take the long way
            for word in words:  # noqa: SIM110 (a generator takes twice as long)
                if word in text:
                    return True
            return False
        texts = [as_text(item) for item in elements(value)]
        return any(word in text for word in words for text in texts) if texts else None

    return test


def _any_of(wanted: list[Any]) -> Test:
    """Holds when any element equals any operand; elements that cannot be read are passed over."""
    equal = _equality(wanted)

    def test(value: Any) -> Answer:
        answers = [answer for item in elements(value) if (answer := equal(item)) is not None]
        return any(answers) if answers else None

    return test


def _readable(test: Test) -> Test:
    """The same, but what cannot be read is an answer: it is none of a list."""

    def readable(value: Any) -> Answer:
        answer = test(value)
        return False if answer is None and elements(value) else answer

    return readable


def _negation(test: Test) -> Test:
    def negated(value: Any) -> Answer:
        answer = test(value)
        return None if answer is None else not answer

    return negated


def _equality(wanted: list[Any]) -> Callable[[Any], Answer]:
    """Whether one value equals any operand, each read as the operand's type; None when none could read it."""
    texts = frozenset(as_text(item) for item in wanted if isinstance(item, str))
    booleans = frozenset(item for item in wanted if isinstance(item, bool))
    numbers = frozenset(item for item in wanted if not isinstance(item, str | bool))

    def equal(value: Any) -> Answer:
        if texts and as_text(value) in texts:
            return True
        boolean = as_boolean(value) if booleans else None
        number = as_number(value) if numbers else None
        if boolean in booleans or number in numbers:
            return True
        readable = texts or boolean is not None or number is not None
        return False if readable else None

    return equal
