"""Casts companies in stories, and decides when each begins."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import cycle, islice
from random import Random
from typing import Final

from signal_engine.core.rules.instants import DAY, days
from signal_engine.simulation import plots
from signal_engine.simulation.companies import BUYER, CUSTOMER, MISFIT, UNSURE, Company
from signal_engine.simulation.dice import dice
from signal_engine.simulation.stories import Casting, Story

_PROGRAMME: Final = (
    plots.BUYING_GROUP,
    plots.EVALUATION,
    plots.EARLY_DAYS,
    plots.GROWTH,
    plots.CHAMPION_MOVES,
    plots.ONE_ENTHUSIAST,
    plots.OUT_OF_THE_BLUE,
    plots.SECOND_THOUGHTS,
    plots.COMPETITOR_GOES,
    plots.SURGES_ALONE,
    plots.NEW_LEADER,
    plots.EARLY_DAYS,
    plots.NEW_STACK,
    plots.ONE_WHO_PAYS,
    plots.BUYING_GROUP,
    plots.OUT_OF_THE_BLUE,
    plots.GROWTH,
    plots.EARLY_DAYS,
    plots.CHAMPION_MOVES,
    plots.EVALUATION,
)
"""The stories of 45 companies in 90 days, mixed so that fewer companies or days still show some of each."""
_BYSTANDERS: Final = (plots.OUT_OF_THE_BLUE, plots.EVALUATION, plots.OUT_OF_THE_BLUE, plots.EARLY_DAYS)
"""The stories of companies that we do not know, or may not call."""

_COMPANIES: Final = 45
_SPAN_MS: Final = 90 * DAY
_LOUD: Final = 2
_LARGE_FIRMS: Final = 2
"""At most so many of `_COMPANIES` are large firms that buy nothing and only make background noise."""
_LARGE_FROM_EMPLOYEES: Final = 5_000
"""Employees from which a firm counts as large."""
_CUSTOMERS: Final = 6
_ON_THEIR_WAY_DAYS: Final = 8.0
"""The last stories end at most so many days before their climax."""
_GOLDEN: Final = 0.618_033_988_75
"""Steps of the golden ratio spread beginnings evenly, whatever their number."""


def cast(
    known: Sequence[Company], unknown: Sequence[Company], seed: int, start: int, end: int, liveliness: float = 1.0
) -> Iterator[Casting]:
    """The castings between `start` and `end` (ms since 1970), in proportion to companies and days.

    At `liveliness` 1.0, nearly every second company is in a story, which is good for a demo; in a real market a tenth
    of that is a lot.
    """
    rng = dice(seed, "cast")
    window = (start, end)
    size = len(known) / _COMPANIES * max(1.0, (end - start) / _SPAN_MS) * liveliness
    buyers, unsure, misfits, customers = (
        _shuffled(rng, [company for company in known if company.snapshot == snapshot])
        for snapshot in (BUYER, UNSURE, MISFIT, CUSTOMER)
    )
    most = max(_LARGE_FIRMS, len(known) * _LARGE_FIRMS // _COMPANIES)
    large = [company for company in buyers if company.employees >= _LARGE_FROM_EMPLOYEES][:most]
    buyers = [company for company in buyers if company not in large]
    parts = size * len(_PROGRAMME)
    yield from _parts(rng, cycle(_PROGRAMME), _times(buyers or unsure or misfits, parts), window)
    yield from _parts(rng, cycle((plots.CLAMOUR,)), _times(misfits, size * _LOUD), window)
    yield from _parts(rng, cycle((plots.CUSTOMER_ASKS,)), _times(customers, size * _CUSTOMERS), window)
    yield from _parts(rng, cycle((plots.LARGE_FIRM,)), large, window)
    for bystanders in (unsure, _shuffled(rng, unknown)):
        yield from _parts(rng, _BYSTANDERS, bystanders, window)


def _shuffled(rng: Random, companies: Sequence[Company]) -> list[Company]:
    return rng.sample(companies, len(companies))


def _times(companies: Sequence[Company], number: float) -> Iterator[Company]:
    """`number` companies, at least one if there are any; companies repeat if there are too few."""
    return islice(cycle(companies), max(1, int(number)))


def _parts(
    rng: Random, programme: Iterable[Story], companies: Iterable[Company], window: tuple[int, int]
) -> Iterator[Casting]:
    """One casting for each company or story, whichever are fewer; `window` in ms since 1970."""
    start, end = window
    phase = rng.random()
    for index, (story, company) in enumerate(zip(programme, companies, strict=False)):
        before_climax = min(story.climax_day * 0.4, _ON_THEIR_WAY_DAYS)
        latest = end - days(story.climax_day - before_climax)
        earliest = min(start, latest - 30 * DAY)  # in a short window most have begun before it
        begins = earliest + round((phase + index * _GOLDEN) % 1.0 * (latest - earliest))
        yield Casting(company, story, begins, seed=rng.getrandbits(64))
