"""What pydantic found wrong with an event, in plain words: field names of ours and limits, never a value."""

from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_MAX_NAMED_FIELDS: Final = 3
"""So many faulty fields are named in one detail; a header is no place for a longer list."""

# Error type of pydantic -> words; the names in braces come from the error's context, which holds limits only.
_WORDS: Final[dict[str, str]] = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} character(s)",
    "string_too_long": "must have at most {max_length} characters",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "multiple_of": "must be a whole number",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than_equal": "must be at most {le:g}",
    "list_type": "must be a list",
    "bool_type": "must be true or false",
    "literal_error": "must be one of {expected}",
}

_OF_PATTERN: Final[dict[str, str]] = {
    "source_url": "must be an http or https address",
    "action_id": "must be a UUID",
    "by": "must be an e-mail address",
    "assignee": "must be an e-mail address",
    "owner": "must be an e-mail address",
    "icp": "must be the id of an ICP: a-z, 0-9 and -",
    "request": "must be 16 hexadecimal digits",
}
"""Field -> what its pattern asks for."""


def describe(error: ValidationError) -> str:
    """`score must be at most 100; topic is missing`."""
    faults: dict[str, str] = {}
    for fault in error.errors(include_url=False, include_input=False):
        faults.setdefault(_place(fault), _words(fault))  # the first says most: later ones are other arms of a union
    named = [f"{place} {words}" for place, words in list(faults.items())[:_MAX_NAMED_FIELDS]]
    rest = len(faults) - len(named)
    return "; ".join([*named, f"and {rest} more"] if rest else named)


def _place(fault: ErrorDetails) -> str:
    """`topic`, `investors[0]`, `authority.icp`. Elsewhere what follows a field's name is the arm of a union."""
    field, *inside = fault["loc"]
    if field == "authority":
        return ".".join(map(str, fault["loc"]))
    return str(field) + "".join(f"[{index}]" for index in inside if isinstance(index, int))


def _words(fault: ErrorDetails) -> str:
    if fault["type"] == "string_pattern_mismatch":
        return _OF_PATTERN.get(str(fault["loc"][-1]), "is not valid")
    limits: dict[str, Any] = fault.get("ctx", {})
    return _WORDS.get(fault["type"], "is not valid").format(**limits)
