"""Predicates of rules and ICP files (scoring.md sections 1 and 6), with the three answers that section 6 needs."""

from collections.abc import Callable, Iterable
from enum import Enum
from typing import Any

from .values import as_boolean, as_number, as_text, elements_of


class Answer(Enum):
    """Whether a predicate holds, is false, or has nothing to be asked of (missing, or not readable as its type)."""

    HOLDS = "holds"
    FALSE = "false"
    UNREADABLE = "unreadable"


def holds(when: dict[str, Any] | None, fields: dict[str, Any]) -> bool:
    """Whether all predicates of a `when` hold; without a `when` it always does (section 1).

    Ambiguous: contract.md says unknown fields of an event are "carried through ignored"; a rule that names one is
    taken to see it. `fields` is the event as received, or a row of the accounts file.
    """
    predicates = (when or {}).items()
    return conjunction(answer(fields.get(field), predicate) for field, predicate in predicates) is Answer.HOLDS


def answer(value: Any, predicate: Any) -> Answer:
    """The answer of a field to a predicate: a value (same as `eq`) or a map of operators, all of which must hold."""
    operators = predicate if isinstance(predicate, dict) else {"eq": predicate}
    return conjunction(_ask(value, operator, operand) for operator, operand in operators.items())


def conjunction(answers: Iterable[Answer]) -> Answer:
    """All must hold; one that is false makes it false, else one that is not readable makes it not readable."""
    given = set(answers)
    return next((one for one in (Answer.FALSE, Answer.UNREADABLE) if one in given), Answer.HOLDS)


def _disjunction(answers: Iterable[Answer]) -> Answer:
    """One that holds is enough; otherwise false, unless there were only answers that are not readable."""
    given = set(answers)
    if Answer.HOLDS in given:
        return Answer.HOLDS
    return Answer.UNREADABLE if given == {Answer.UNREADABLE} else Answer.FALSE


def _ask(value: Any, operator: str, operand: Any) -> Answer:
    """One operator. A missing, null, blank or empty field fails every one except `exists: false`."""
    elements = elements_of(value)
    if operator == "exists":
        return _yes(bool(elements) is operand)
    if operator not in _OPERATORS:
        raise ValueError(f"unknown operator {operator}")
    if not elements:
        return Answer.UNREADABLE
    if operator in _ORDER:
        return _compare(elements[0], operator, operand) if len(elements) == 1 else Answer.UNREADABLE
    operands = _operands(operator, operand)
    if operator in ("ne", "not_in"):
        return conjunction(_differs(element, operands) for element in elements)
    test = _contains if operator == "contains" else _equal
    return _disjunction(test(element, one) for element in elements for one in operands)


def _operands(operator: str, operand: Any) -> list[Any]:
    """The operand as a list; only `in`, `not_in`, `has_any` and `contains` take one, and these a single value too."""
    operands = operand if isinstance(operand, list) else [operand]
    if operator in ("eq", "ne") and isinstance(operand, list):
        raise ValueError(f"{operator} takes one value")
    if any(one is None or isinstance(one, list | dict) for one in operands):
        raise ValueError(f"{operator} takes texts, numbers and booleans")
    return operands


def _differs(element: Any, operands: list[Any]) -> Answer:
    """`ne` and `not_in` of one element: it equals none of the operands.

    Ambiguous: an element that cannot be read as the type of any operand makes the answer not readable (so a `ne` on it
    fails, like every operator on a missing field); beside a readable operand an unreadable one counts as different.
    """
    equal = _disjunction(_equal(element, one) for one in operands)
    return {Answer.HOLDS: Answer.FALSE, Answer.FALSE: Answer.HOLDS}.get(equal, Answer.UNREADABLE)


def _equal(value: Any, operand: Any) -> Answer:
    """Compared as the operand's type."""
    if isinstance(operand, bool):
        flag = as_boolean(value)
        return Answer.UNREADABLE if flag is None else _yes(flag == operand)
    if isinstance(operand, int | float):
        number = as_number(value)
        return Answer.UNREADABLE if number is None else _yes(number == operand)
    text = as_text(value)
    return Answer.UNREADABLE if text is None else _yes(text == as_text(operand))


def _contains(value: Any, operand: Any) -> Answer:
    """A substring of the value's text. Ambiguous: the operand's surrounding blanks are dropped, as of any text."""
    text, part = as_text(value), as_text(operand)
    if part is None:
        raise ValueError("contains takes words")
    return Answer.UNREADABLE if text is None else _yes(part in text)


_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "gte": lambda value, bound: bool(value >= bound),
    "gt": lambda value, bound: bool(value > bound),
    "lte": lambda value, bound: bool(value <= bound),
    "lt": lambda value, bound: bool(value < bound),
}
_OPERATORS = ("eq", "ne", "in", "not_in", "contains", "has_any", *_ORDER)


def _compare(value: Any, operator: str, operand: Any) -> Answer:
    """Ambiguous: a bound that is a text compares as text, since a value is compared as the operand's type."""
    if isinstance(operand, bool | list | dict) or operand is None:
        raise ValueError(f"{operator} takes a number or a text")
    is_number = isinstance(operand, int | float)
    read = as_number(value) if is_number else as_text(value)
    bound = operand if is_number else as_text(operand)
    return Answer.UNREADABLE if read is None else _yes(_ORDER[operator](read, bound))


def _yes(truth: bool) -> Answer:
    return Answer.HOLDS if truth else Answer.FALSE
