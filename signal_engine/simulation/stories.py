"""What a story is, and how a company plays one. The stories themselves are in `plots`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Final, NamedTuple

from signal_engine.core.rules.instants import MINUTE, SECOND, days
from signal_engine.simulation.companies import Company
from signal_engine.simulation.dice import dice
from signal_engine.simulation.happening import Happening
from signal_engine.simulation.hours import working_instant
from signal_engine.simulation.news import NEWS
from signal_engine.simulation.visits import VISITS, Trace

_DEEDS: Final[dict[str, Callable[[Random, Company], list[Trace]]]] = {**VISITS, **NEWS}


class Beat(NamedTuple):
    """A deed that happens `times` times between two days of the story."""

    first_day: float
    last_day: float
    deed: str
    times: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    """A list of beats with a name."""

    name: str
    climax_day: int
    """Days from its beginning until it is most worth a call."""
    beats: tuple[Beat, ...]


@dataclass(frozen=True, slots=True)
class Casting:
    """A company that plays a story, which begins at an instant (ms since 1970)."""

    company: Company
    story: Story
    begins: int
    seed: int


def play(part: Casting) -> Iterator[Happening]:
    """Everything that happens, also outside the window; not in order."""
    rng = dice(part.seed)
    for beat in part.story.beats:
        for _ in range(beat.times):
            about = part.begins + days(rng.uniform(beat.first_day, beat.last_day))
            yield from do(rng, part.company, beat.deed, about)


def do(rng: Random, company: Company, deed: str, about: int) -> Iterator[Happening]:
    """The events of one deed, on the day of `about` (ms) during working hours, a minute or more apart."""
    at = working_instant(rng, about, company.offset_hours)
    for kind, fields in _DEEDS[deed](rng, company):
        yield Happening(at, company, kind, fields)
        at += MINUTE + rng.randrange(4 * 60) * SECOND
