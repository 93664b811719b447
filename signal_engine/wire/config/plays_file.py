"""The plays file: YAML to plays, in the order in which the first that fits is taken."""

from collections.abc import Iterable, Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from signal_engine.core.alerting.plays import OCCASIONS, Play
from signal_engine.core.rules.problems import Problem
from signal_engine.core.score.wording import one_line
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.yaml_files import Document

_MAX_CHARACTERS: Final = 400


def _occasion(text: str) -> str:
    if text not in OCCASIONS:
        raise ValueError(f"must be one of {', '.join(OCCASIONS)}")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be empty")
    if len(text) > _MAX_CHARACTERS:
        raise ValueError(f"must have at most {_MAX_CHARACTERS} characters: it is read before a call")
    return one_line(text, _MAX_CHARACTERS)


_Text = Annotated[str, Field(strict=True), AfterValidator(_not_blank)]


class _PlayModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    icp: _Text | None = None
    segment: _Text | None = None
    kind: Annotated[str, Field(strict=True), AfterValidator(_occasion)] | None = None
    text: _Text


class _PlaysModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1]
    plays: list[_PlayModel]


def parse(name: str, text: bytes) -> tuple[tuple[Play, ...], Document]:
    """Parse the plays file `name`. Raises `ConfigurationError`, also for a play that an earlier one always precedes."""
    document = yaml_files.read(name, text)
    try:
        model = _PlaysModel.model_validate(document.data)
    except ValidationError as error:
        raise document.error(yaml_files.problems_of(error)) from None
    plays = tuple(Play(one.text, one.icp, one.segment, one.kind) for one in model.plays)
    if problems := list(_never_taken(plays)):
        raise document.error(problems)
    return plays, document


def unknown_icps(plays: Iterable[Play], document: Document, known: Iterable[str]) -> tuple[str, ...]:
    """A line per play for an ICP that is none of the `known`."""
    names = {*known}
    return document.placed(
        Problem(("plays", number, "icp"), f"{play.icp!r} is none of the ICPs: {', '.join(sorted(names))}")
        for number, play in enumerate(plays)
        if play.icp is not None and play.icp not in names
    )


def _never_taken(plays: tuple[Play, ...]) -> Iterator[Problem]:
    """The plays all of whose cases an earlier play takes."""
    for number, play in enumerate(plays):
        for before, earlier in enumerate(plays[:number]):
            if all(broad in {None, narrow} for broad, narrow in zip(_cases(earlier), _cases(play), strict=True)):
                yield Problem(("plays", number), f"is never taken: plays.{before} comes first in all of its cases")
                break


def _cases(play: Play) -> tuple[str | None, ...]:
    segment = None if play.segment is None else play.segment.strip().casefold()
    return play.icp, segment, play.occasion
