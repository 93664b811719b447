"""Accounts found by what people call them: name, CRM id or domain of the fit table, or a part of one.

The store knows accounts by their domain alone, so whoever searches keeps the names: 60 bytes per account, read from
the store at the first search and again of each partition whose rows have changed since.
"""

import asyncio
from collections.abc import Iterable, Iterator
from typing import Final

from signal_engine.core.score.wording import one_line
from signal_engine.engine.partition.account_cache import read
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.store import Store

_END: Final = "\n"
_NEXT: Final = "\x1f"
"""Neither is in a line as `_folded` leaves it."""
_BEST_FIRST: Final = (
    f"{_NEXT}{{}}{_NEXT}",  # the name
    f"{_NEXT}{{}}{_END}",  # the CRM id
    f"{_END}{{}}{_NEXT}",  # the domain
    f"{_NEXT}{{}}",  # how name or CRM id begins
    f"{_END}{{}}",
    "{}",
)


class AccountDirectory:
    """The names of one generation's fit table."""

    def __init__(self, store: Store, rows: FitChanges, partitions: int) -> None:
        self._store = store
        self._rows = rows
        self._lines = [_END] * partitions
        """Of each partition, `account name crm-id` a line, with an end of line before the first, too."""
        self._versions: list[int | None] = [None] * partitions
        self._reading = asyncio.Lock()

    async def find(self, wanted: str, limit: int) -> list[str]:
        """At most `limit` accounts that have `wanted` in name, CRM id or domain, without case, the closest first.

        Raises `StoreTrouble`. The first search takes some seconds for a million accounts.
        """
        if not (text := _folded(wanted)):
            return []
        async with self._reading:
            for number in range(len(self._lines)):
                await self._poll_partition(number)
        found: dict[str, None] = {}
        for form in _BEST_FIRST:
            for lines in self._lines:
                for account in _accounts(lines, form.format(text)):
                    found[account] = None
                    if len(found) == limit:
                        return [*found]
        return [*found]

    async def _poll_partition(self, number: int) -> None:
        """Reads a partition's rows when there are others; the version of the partition moves after the last of them."""
        version = (await self._store.positions(number)).topics.get(FIT_VERSION, 0)
        if version == self._versions[number]:
            return
        lines: dict[str, str] = {}
        cursor, more = 0, True
        while more:
            cursor, rows = await self._rows.applied(number, cursor)
            for account, row in rows.items():
                if row is not None and (fit := read(None, row).fit) is not None:
                    lines[account] = _NEXT.join((account, _folded(fit.name or ""), _folded(fit.crm_id or "")))
            more = bool(cursor)
        self._lines[number] = await asyncio.to_thread(_joined, lines.values())  # sorting many takes a while
        self._versions[number] = version


def _joined(lines: Iterable[str]) -> str:
    """Lines by name, whatever the order in which the store gave them."""
    return "".join((_END, *(f"{line}{_END}" for line in sorted(lines, key=_name_and_id))))


def _name_and_id(line: str) -> str:
    return line.partition(_NEXT)[2]


def _accounts(lines: str, wanted: str) -> Iterator[str]:
    """The accounts of the lines in which `wanted` is, each once."""
    at = lines.find(wanted)
    while at >= 0:
        begin = lines.rfind(_END, 0, at + 1) + 1
        end = lines.find(_END, begin)
        if end < 0:  # `wanted` is an end of line, and this is the last
            return
        yield lines[begin : lines.index(_NEXT, begin)]
        at = lines.find(wanted, end)


def _folded(text: str) -> str:
    """As texts are compared: on one line, without case."""
    return one_line(text).casefold()
