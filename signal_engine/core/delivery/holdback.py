"""The control group: a salted, dated share of accounts that nobody is told of, so that it shows what telling does.

Who is in it follows from the account, the salt and the first day alone: every process, and whoever looks back later,
finds the same ones, in whatever order accounts come.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, timedelta, tzinfo
from typing import Final, NamedTuple

from xxhash import xxh3_64_intdigest

from signal_engine.core.delivery.team import local_time

UNDATED: Final = date(1970, 1, 1)
"""The first day of a draw that names none: it holds on every day there is an alert of."""
_HASHES: Final = 1 << 64


class Holdback(NamedTuple):
    """One draw of a control group. Past ones stay in the routes file: they are the record of who was held back."""

    share: float
    """Above 0, at most 0.5."""
    since: date
    """The first day."""
    until: date | None = None
    """The last day; None: still going on."""
    salt: str = ""

    @property
    def is_dated(self) -> bool:
        """Whether it says since when: without that nobody can compare what came before with what came after."""
        return self.since != UNDATED

    @property
    def draw_of(self) -> tuple[float, date, str]:
        """What decides who is in the group; until when may be said later."""
        return self.share, self.since, self.salt

    def counts_on(self, day: date) -> bool:
        """Whether the group is held back on `day`."""
        return self.since <= day and (self.until is None or day <= self.until)

    def has_drawn(self, account: str) -> bool:
        """Whether the account is in the group, on whatever day."""
        drawn = xxh3_64_intdigest(f"{self.salt}\n{self.since.isoformat()}\n{account}".encode())
        return drawn < self.share * _HASHES


def held_back(account: str, draws: Iterable[Holdback], day: date, *, pinned: bool) -> Holdback | None:
    """The draw by which nobody is told of the account on `day`; None where it is like any other.

    What is `pinned` by a hand raise is never held back: somebody there asked to be called.
    """
    if pinned:
        return None
    return next((one for one in draws if one.counts_on(day) and one.has_drawn(account)), None)


class ControlGroup(NamedTuple):
    """Every draw, and the calendar that its days are of. Lists, pages, alerts and systems that follow all ask here."""

    draws: tuple[Holdback, ...] = ()
    """Past ones included."""
    zone: tzinfo = UTC

    def holds(self, account: str, now: int, *, pinned: bool) -> Holdback | None:
        """The draw by which the account is held back at `now` (ms); None: it is like any other."""
        return held_back(account, self.draws, self._day(now), pinned=pinned) if self.draws else None

    def is_drawn(self, now: int) -> bool:
        """Whether anybody is held back at `now` (ms)."""
        return any(one.counts_on(self._day(now)) for one in self.draws)

    def with_record_of(self, before: "ControlGroup", now: int) -> "ControlGroup":
        """The same with the draws of `before` that began and are missing here; at `now` (ms) they are over.

        They say who was held back then: without them alerts of those days would count as told.
        """
        yesterday = self._day(now) - timedelta(days=1)
        here = {one.draw_of for one in self.draws}
        gone = (one for one in before.draws if one.draw_of not in here and one.since <= yesterday)
        ended = (one._replace(until=yesterday if one.until is None else min(one.until, yesterday)) for one in gone)
        return self._replace(draws=(*self.draws, *ended))

    def closed_up(self, ranks: Mapping[str, int], now: int, listed: Iterable[str]) -> Mapping[str, int]:
        """Past ranks as they would be without those that are held back at `now` (ms) and not among the `listed`.

        Else the day on which a draw begins moves everybody below up by one, which tells who is gone.
        """
        if not self.is_drawn(now):
            return ranks
        there = {*listed}
        left = [one for one in ranks if one in there or self.holds(one, now, pinned=False) is None]
        return {account: rank for rank, account in enumerate(sorted(left, key=ranks.__getitem__), 1)}

    def _day(self, now: int) -> date:
        return local_time(now, self.zone).date()


NO_CONTROL_GROUP: Final = ControlGroup()
