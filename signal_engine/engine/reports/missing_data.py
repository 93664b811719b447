"""Finds the fields whose absence leaves accounts undecided."""

from collections import Counter
from collections.abc import Iterable, Sequence

from signal_engine.wire.output.reports.icp_documents import UnknownField


class MissingFields:
    """Counts accounts by missing field. Memory: two numbers per field."""

    def __init__(self) -> None:
        self._accounts, self._alone = Counter[str](), Counter[str]()

    def add(self, fields: Sequence[str]) -> None:
        """Count one undecided account, by the fields that it lacks."""
        self._accounts.update(dict.fromkeys(fields, 1))
        if len(set(fields)) == 1:
            self._alone[fields[0]] += 1

    def ranked(self) -> list[UnknownField]:
        """First the field that alone would decide most accounts."""
        accounts, alone = self._accounts, self._alone
        ranked = sorted(accounts, key=lambda field: (-alone[field], -accounts[field], field))
        return [{"field": field, "accounts": accounts[field], "alone": alone[field]} for field in ranked]


def undecided_for(missing: Iterable[Sequence[str]]) -> list[UnknownField]:
    """The fields that these accounts lack, first the one that alone would decide most of them."""
    counted = MissingFields()
    for fields in missing:
        counted.add(fields)
    return counted.ranked()
