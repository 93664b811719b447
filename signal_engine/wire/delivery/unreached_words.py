"""Why an alert reached nobody for whom it was meant, and what mends it, in words."""

from typing import Final, NamedTuple

from signal_engine.wire.output.operations.deliveries import UnreachedStats


class _Words(NamedTuple):
    in_words: str
    mended_by: str


UNREACHED_IN_WORDS: Final[dict[str, _Words]] = {
    "unassigned": _Words(
        "the account has neither SDR nor owner",
        "`signal-engine routes assign ACCOUNTS --by EMAIL` gives it one, by `assign` of the routes file",
    ),
    "unknown": _Words(
        "whoever the account has is none of the people in the routes file",
        "add the name to `people`; `signal-engine routes test --account DOMAIN` says which",
    ),
    "gone": _Words(
        "whoever the account has left, and nobody comes after them",
        "name a `successor`; `signal-engine routes test --account DOMAIN` says whose",
    ),
    "absent": _Words(
        "whoever the account has was away or wants none of it, and nobody stood in",
        "name a `backup`; `signal-engine routes test --account DOMAIN` says whose",
    ),
    "not_found": _Words(
        "the receiver does not know the person by the address in the routes file",
        "mend `email` of the person; `signal-engine deliveries list --status failed` says whose",
    ),
}
"""By `Unreached`; a test holds that each has its words."""


def unreached_stats(why: str, alerts: int, accounts: int) -> UnreachedStats:
    """So many alerts of so many accounts for this reason; one that a newer version noted stands for itself."""
    words = UNREACHED_IN_WORDS.get(why, _Words(why, "see the version of `notify` that noted it"))
    return {
        "why": why,
        "in_words": words.in_words,
        "mended_by": words.mended_by,
        "alerts": alerts,
        "accounts": accounts,
    }
