"""The sync file: YAML to its model, with every problem named by file, line and field."""

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from posixpath import normpath
from typing import Final

from pydantic import ValidationError

from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.problems import Problem
from signal_engine.core.sync.selections import SELECTIONS
from signal_engine.wire.config import yaml_files
from signal_engine.wire.sync.sync_models import SyncModel

_RESEMBLES: Final = 0.87
"""Likeness, of 0 to 1, from which a name is taken for a misspelt selection: `audiance` is, `audience-eu` is not."""


def parse(name: str, text: bytes, icps: Sequence[str] | None = None) -> SyncModel:
    """Parse the sync file `name`. Raises `ConfigurationError` with every problem.

    `icps` are the ids of the ICPs, which are the lists that a sink may follow beside that of all. Where they are not
    known, only a name that resembles one of a selection is refused.
    """
    document = yaml_files.read(name, text)
    try:
        model = SyncModel.model_validate(document.data)
    except ValidationError as error:
        raise document.error(map(_without_internals, yaml_files.problems_of(error))) from None
    problems = [*_shared_folders(model), *_unknown_places(model, icps)]
    if problems:
        raise document.error(problems)
    return model


def _shared_folders(model: SyncModel) -> Iterator[Problem]:
    folders: dict[str, str] = {}
    for sink, one in model.sinks.items():
        place = one.files or one.linkedin
        if place is not None and (other := folders.setdefault(normpath(place.folder), sink)) != sink:
            yield Problem(("sinks", sink), f"writes into the folder of {other}: each sink needs its own")


def _unknown_places(model: SyncModel, icps: Sequence[str] | None) -> Iterator[Problem]:
    """Names after `of` that are no list and no selection, as far as anybody can tell."""
    known = (ALL, *(icps or ()), *SELECTIONS)
    for sink, one in model.sinks.items():
        place = one.files or one.linkedin or one.webhook
        if place is None or place.of is None or place.of in known:
            continue
        if icps is not None or get_close_matches(place.of.lower(), SELECTIONS, cutoff=_RESEMBLES):
            there = ", ".join(known) if icps is not None else f"{', '.join(known)}, or the id of an ICP"
            yield Problem(("sinks", sink, one.kind, "of"), f"{place.of} is none of the lists and selections: {there}")


def _without_internals(problem: Problem) -> Problem:
    """A refused name of a sink, where pydantic adds a step of its own."""
    return problem._replace(path=tuple(step for step in problem.path if step != "[key]"))
