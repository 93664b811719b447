"""What a page is asked for: the parameters of a form, which sends open fields as empty."""

from collections.abc import Iterable, Mapping
from typing import Any

from signal_engine.adapters.http.description.parameters import Parameter
from signal_engine.adapters.http.edge.problems import HttpProblem


def read_given(given: Mapping[str, str], declared: Iterable[Parameter]) -> dict[str, Any]:
    """Parameter name -> value; others, and empty ones, are passed over. Raises `HttpProblem` (422)."""
    values = {}
    for parameter in declared:
        if text := given.get(parameter.name):
            try:
                values[parameter.name] = parameter.read(text)
            except ValueError as error:
                raise HttpProblem(422, f"{parameter.name} {error}") from None
    return values
