"""Predicates of rules and ICP files (scoring.md sections 1 and 6), with the three answers that section 6 needs."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any

from tests.oracle.inputs.values import as_boolean, as_number, as_text, elements_of


class Answer(Enum):
    """Whether a predicate holds, is false, or has nothing to be asked of (missing, or not readable as its type)."""

    HOLDS = "holds"
    FALSE = "false"
    UNREADABLE = "unreadable"


def holds(when: Mapping[str, Any] | None, fields: Mapping[str, Any]) -> bool:
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
    if operator in ("in", "not_in"):
        shared = any(_equal(element, one) for element in elements for one in operands)
        return _yes(shared is (operator == "in"))
    return _among_readable(elements, operator, operands)


def _among_readable(elements: list[Any], operator: str, operands: list[Any]) -> Answer:
    """`eq`, `ne`, `contains`, `has_any`: elements that cannot be read as the operand's type are passed over.

    Ambiguous: with operands of several types an element counts as readable when it is readable as one of them; an
    operand that is an empty list (an empty list of `sells`) shares nothing, so the answer is false.
    """
    test = _contains if operator == "contains" else _equal
    answers = [test(element, one) for element in elements for one in operands]
    if answers and all(one is None for one in answers):
        return Answer.UNREADABLE
    return _yes(any(answers) is (operator != "ne"))


def _operands(operator: str, operand: Any) -> list[Any]:
    """The operand as a list; only `in`, `not_in`, `has_any` and `contains` take one, and these a single value too."""
    operands = operand if isinstance(operand, list) else [operand]
    if operator in ("eq", "ne") and isinstance(operand, list):
        raise ValueError(f"{operator} takes one value")
    if any(one is None or isinstance(one, list | dict) for one in operands):
        raise ValueError(f"{operator} takes texts, numbers and booleans")
    return operands


def _equal(value: Any, operand: Any) -> bool | None:
    """Compared as the operand's type; None when the value cannot be read as that."""
    if isinstance(operand, bool):
        flag = as_boolean(value)
        return None if flag is None else flag == operand
    if isinstance(operand, int | float):
        number = as_number(value)
        return None if number is None else number == operand
    text = as_text(value)
    return None if text is None else text == as_text(operand)


def _contains(value: Any, operand: Any) -> bool | None:
    """A substring of the value's text. Ambiguous: the operand's surrounding blanks are dropped, as of any text."""
    text, part = as_text(value), as_text(operand)
    if part is None:
        raise ValueError("contains takes words")
    return None if text is None else part in text


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
