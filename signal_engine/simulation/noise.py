"""What every company does every day, without buying anything."""

from collections.abc import Iterator
from random import Random
from typing import Final

from signal_engine.core.rules.instants import DAY
from signal_engine.simulation.companies import Company
from signal_engine.simulation.dice import dice
from signal_engine.simulation.happening import Happening
from signal_engine.simulation.stories import do

_TIMES_PER_DAY: Final = {
    "chatter": 0.09,
    "open_mail": 0.07,
    "passing_by": 0.025,
    "browse": 0.01,
    "click_mail": 0.008,
    "scan_mail": 0.03,
    "look_for_job": 0.02,
    "survey": 0.002,
    "ask_demo_to_study": 0.0004,
    "hire_anybody": 0.002,
    "hire_for_others": 0.012,
    "close_posting": 0.005,
    "welcome_manager": 0.001,
    "adopt_tool": 0.0005,
    "adopt_any_tool": 0.004,
}
"""Events per day of an average company. Together they must not make any account warm."""


def everyday(company: Company, seed: int, start: int, end: int) -> Iterator[Happening]:
    """The noise of a company from `start` to `end` (ms since 1970); some companies make more than others."""
    rng = dice(seed, "noise", company.account)
    talkative = rng.triangular(0.2, 2.0, 0.8)
    for deed, times_a_day in _TIMES_PER_DAY.items():
        at = start + _pause(rng, times_a_day * talkative)
        while at < end:
            yield from do(rng, company, deed, at)
            at += _pause(rng, times_a_day * talkative)


def _pause(rng: Random, times_a_day: float) -> int:
    """ms to the next event of a Poisson process."""
    return round(rng.expovariate(times_a_day) * DAY)
