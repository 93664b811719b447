"""Realistic buying journeys from a seed: events for the demo, for tests and for trying out a scoring file.

Start at `journeys()` below, which is the whole flow. Companies are cast (`cast`) in stories (`plots`), which are lists
of beats. Each beat is a deed (`visits`, `news`) that says what its events contain, during working hours (`hours`). All
companies make everyday noise (`noise`), feeds deliver some events late (`telling`), and a few are faulty (`dirt`).

Imports the core (kinds and instants); the demo and tests import it.
"""

from collections.abc import Iterator, Mapping, Sequence

from signal_engine.simulation.cast import cast
from signal_engine.simulation.companies import companies, strangers
from signal_engine.simulation.dice import dice
from signal_engine.simulation.dirt import INTENDED_REFUSALS, broken, long_gone, sent_twice
from signal_engine.simulation.noise import everyday
from signal_engine.simulation.stories import play
from signal_engine.simulation.telling import LATENESS_MS, arrival, emit

__all__ = ["INTENDED_REFUSALS", "LATENESS_MS", "arrival", "journeys"]


def journeys(
    accounts: Sequence[Mapping[str, str]], *, seed: int, start: int, end: int, liveliness: float = 1.0
) -> Iterator[dict[str, object]]:
    """Events of `accounts` and a few strangers from `start` to `end` (ms since 1970), as JSON-ready dicts.

    `accounts` are rows of an accounts file: `account_id` or `domain`, and any other columns. The same arguments always
    give the same events in the same order: by arrival, then by event_id. An event arrives at its `received_at`, or at
    its `occurred_at` if it has none, at most `LATENESS_MS` after it happened. Nothing arrives before `start` or after
    `end`, so a short window contains only parts of stories. `liveliness` scales the number of stories (`cast`).
    """
    known = companies(accounts, seed)
    unknown = strangers(seed)
    happenings = [
        *(h for part in cast(known, unknown, seed, start, end, liveliness) for h in play(part)),
        *(h for company in (*known, *unknown) for h in everyday(company, seed, start, end)),
    ]
    rng = dice(seed, "telling")
    clean = [event for h in happenings if start <= h.at <= end for event in emit(rng, seed, h)]
    rng = dice(seed, "dirt")
    dirty = [
        *sent_twice(rng, clean),
        *long_gone(rng, seed, known, start, end),
        *broken(rng, seed, known, start, end),
    ]
    arrived = [event for event in (*clean, *dirty) if start <= arrival(event) <= end]
    yield from sorted(arrived, key=lambda event: (arrival(event), str(event["event_id"])))
