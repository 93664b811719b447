"""Who plays what, and when it begins."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from random import Random
from typing import Final

from signal_engine.core.instants import DAY, days
from signal_engine.entrypoints.journeys import stories
from signal_engine.entrypoints.journeys.companies import BUYER, MISFIT, UNSURE, Company
from signal_engine.entrypoints.journeys.dice import dice
from signal_engine.entrypoints.journeys.stories import Part, Story

PROGRAMME: Final = (
    stories.EVALUATION,
    stories.EARLY_DAYS,
    stories.GROWTH,
    stories.ONE_ENTHUSIAST,
    stories.SECOND_THOUGHTS,
    stories.NEW_LEADER,
    stories.EARLY_DAYS,
    stories.NEW_STACK,
    stories.OUT_OF_THE_BLUE,
    stories.EVALUATION,
    stories.EARLY_DAYS,
    stories.GROWTH,
    stories.ONE_ENTHUSIAST,
    stories.NEW_LEADER,
    stories.OUT_OF_THE_BLUE,
)
"""What 60 companies do in 90 days; mixed, so that fewer companies or days still see some of everything."""

_COMPANIES: Final = 60
_SPAN: Final = 90 * DAY
_LOUD: Final = 2
_ON_THEIR_WAY: Final = 8.0
"""So many days at most are missing to the climax of the last ones when the window ends."""
_GOLDEN: Final = 0.618_033_988_75
"""Steps of the golden ratio spread beginnings evenly, however many there are."""


def cast(known: Sequence[Company], unknown: Sequence[Company], seed: int, start: int, end: int) -> Iterator[Part]:
    """The parts played between `start` and `end` (ms since 1970), in proportion to companies and days."""
    rng = dice(seed, "cast")
    window = (start, end)
    size = len(known) / _COMPANIES * max(1.0, (end - start) / _SPAN)
    buyers, unsure, misfits = (
        _shuffled(rng, [company for company in known if company.standing == standing])
        for standing in (BUYER, UNSURE, MISFIT)
    )
    yield from _parts(rng, cycle(PROGRAMME), _times(buyers or unsure or misfits, size * len(PROGRAMME)), window)
    yield from _parts(rng, cycle((stories.CLAMOUR,)), _times(misfits, size * _LOUD), window)
    for bystanders in (unsure, _shuffled(rng, unknown)):
        yield from _parts(rng, (stories.EVALUATION, stories.EARLY_DAYS), bystanders, window)


def _shuffled(rng: Random, companies: Sequence[Company]) -> list[Company]:
    return rng.sample(companies, len(companies))


def _times(companies: Sequence[Company], number: float) -> Iterator[Company]:
    """At least one, if there is any; a company comes again when there are fewer than `number`."""
    return islice(cycle(companies), max(1, int(number)))


def _parts(
    rng: Random, programme: Iterable[Story], companies: Iterable[Company], window: tuple[int, int]
) -> Iterator[Part]:
    """One part for each company or story, whichever are fewer; `window` in ms since 1970."""
    start, end = window
    phase = rng.random()
    for index, (story, company) in enumerate(zip(programme, companies, strict=False)):
        before_climax = min(story.climax_day * 0.4, _ON_THEIR_WAY)
        latest = end - days(story.climax_day - before_climax)
        earliest = min(start, latest - 30 * DAY)  # in a short window most have begun before it
        begins = earliest + round((phase + index * _GOLDEN) % 1.0 * (latest - earliest))
        yield Part(company, story, begins, seed=rng.getrandbits(64))
