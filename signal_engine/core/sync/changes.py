"""What has changed since a system was last told: fields of an account, and who is on a list."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal, NamedTuple

from signal_engine.core.sync.fields import CRM_FIELDS, FieldValue

Change = Literal["entered", "left", "moved"]
CHANGES: Final[tuple[Change, ...]] = ("entered", "left", "moved")


class PlaceChange(NamedTuple):
    """An account whose place on a list or in a selection is another one."""

    account: str
    change: Change
    rank: int | None
    """Now; None where it left, and in selections, which have no order."""
    previous_rank: int | None


def differing(sent: Mapping[str, FieldValue] | None, wanted: Mapping[str, FieldValue]) -> dict[str, FieldValue]:
    """The fields to write, in their order.

    All of them where nobody knows what was `sent`: what an engine wrote that has lost its ledger must not stay.
    """
    names = (field.name for field in CRM_FIELDS)
    return {name: wanted.get(name) for name in names if sent is None or sent.get(name) != wanted.get(name)}


def place_changes(before: Mapping[str, int | None], now: Mapping[str, int | None]) -> Sequence[PlaceChange]:
    """Account -> rank, then and now: first those who left, then the others by rank."""
    left = [PlaceChange(account, "left", None, before[account]) for account in sorted(before.keys() - now.keys())]
    others = sorted(now, key=lambda account: (now[account] or 0, account))
    return [
        *left,
        *(PlaceChange(account, "entered", now[account], None) for account in others if account not in before),
        *(
            PlaceChange(account, "moved", now[account], before[account])
            for account in others
            if account in before and before[account] != now[account]
        ),
    ]


class RuleMove(NamedTuple):
    """What a write does to whom the system chases: the account comes in, or goes out, by an ICP's version."""

    icp: str
    version: int
    added: bool


def rule_move(sent: Mapping[str, FieldValue], wanted: Mapping[str, FieldValue], chased: str) -> RuleMove | None:
    """How the system's set of accounts with decision `chased` changes; None where it does not."""
    before, after = sent.get("decision") == chased, wanted.get("decision") == chased
    if before == after:
        return None
    by = wanted if wanted.get("icp") is not None else sent
    icp, version = by.get("icp"), by.get("icp_version")
    return RuleMove(str(icp), version, after) if icp is not None and isinstance(version, int) else None
