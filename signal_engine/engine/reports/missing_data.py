"""Finds the fields whose absence leaves accounts undecided."""

from collections import Counter
from collections.abc import Iterable, Sequence

from signal_engine.wire.output.reports.icp_documents import UnknownField


def undecided_for(missing: Iterable[Sequence[str]]) -> list[UnknownField]:
    """Counts by missing field; first the field that alone would decide most accounts."""
    accounts, alone = Counter[str](), Counter[str]()
    for fields in missing:
        accounts.update(dict.fromkeys(fields, 1))
        if len(set(fields)) == 1:
            alone[fields[0]] += 1
    ranked = sorted(accounts, key=lambda field: (-alone[field], -accounts[field], field))
    return [{"field": field, "accounts": accounts[field], "alone": alone[field]} for field in ranked]
