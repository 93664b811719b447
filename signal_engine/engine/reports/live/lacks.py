"""What live state does not hold, so that a report leaves it out and says so."""

from collections.abc import Mapping
from typing import Final

from signal_engine.wire.output.reports.reported_account import ReportName

_LOAD_THEM: Final = "the accounts in force are not in Kafka; the next load puts them there"
WITHOUT_ROWS: Final[Mapping[ReportName, str]] = {
    "high-intent-outside-icp": (
        "Of each account, only the criterion that decided it is stored. What else speaks against it, and how many "
        f"accounts a criterion excludes alone, is not known: {_LOAD_THEM}."
    ),
    "near-fits": (
        "An account that fails one must-have may also lack data for another. Distances to must-haves, tiers that "
        f"accounts would have, and accounts that only a disqualifier excludes are not known: {_LOAD_THEM}."
    ),
    "data-quality": f"Merged rows and unread columns of the accounts file are not known: {_LOAD_THEM}.",
}
"""The reports that look at what accounts' rows say -> what they leave out where there are decisions alone."""
COUNTED_SINCE_UPDATE: Final = (
    "Titles and sources are counted since this release runs: of {:,} events nothing is known. A rebuild counts all."
)
MORE_TITLES: Final = "Of each partition the first {:,} titles without a persona are counted: {:,} signals had others."
MORE_SOURCES: Final = "Of each partition the first {:,} sources are counted: {:,} events had others."
LINES_NOT_KEPT: Final = (
    "Accounts merged from rows without CRM ids are not told row by row: a load does not keep the lines of its file."
)
ALIASES_LOST: Final = (
    "The alias map in force is missing in Redis: outcomes on aliases are told of the aliases until a worker mends it."
)
CUT_RAISES: Final = "Only the latest {:,} hand raises of each partition are kept, and one has more."
CUT_ALERTS: Final = "Only the latest {:,} alerts of each partition are looked at, and one has more."
LAST_ACTIVITY: Final = (
    "Of each account only the last activity of sales that the CRM told is known: a first touch may have been earlier."
)
