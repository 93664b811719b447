"""Where a list that is served differs from the one that the judge expects."""

from collections.abc import Sequence
from typing import Any, Final

_LEVELS: Final = ("level", "since", "cools_at", "kinds_live", "last_signal_at", "fit", "tier", "icp")


def first_difference(served: Sequence[dict[str, Any]], expected: Sequence[dict[str, Any]]) -> str:
    """Where the accounts, their order or their levels differ first; empty when they do not."""
    names = [[entry["account_id"] for entry in entries] for entries in (served, expected)]
    if names[0] == names[1]:
        pairs = zip(served, expected, strict=True)
        result = [f"{a['account_id']} {f} {a[f]}, should be {b[f]}" for a, b in pairs for f in _LEVELS if a[f] != b[f]]
        return "; ".join(result[:2])
    rank = next((n for n, (a, b) in enumerate(zip(*names, strict=False)) if a != b), min(map(len, names)))
    result = [
        f"{e[rank]['account_id']} {e[rank]['priority']}" if rank < len(e) else "nobody" for e in (served, expected)
    ]
    return f"{len(names[0])} accounts for {len(names[1])}; rank {rank + 1} is {result[0]}, should be {result[1]}"
