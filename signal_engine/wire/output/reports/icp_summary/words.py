"""Words of an ICP on one page, the same in the terminal and on paper."""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final

from signal_engine.core.fit.icp import Decision
from signal_engine.wire.output.reports.icp_summary.documents import CallingRule, ShownCondition
from signal_engine.wire.output.words import signal_type

MUST_HAVE: Final = "Yes only if all of these hold"
DISQUALIFY: Final = "No if one of these holds"
POINTS: Final = "How well it fits"
CALLS: Final = "Call without waiting for more"
MISSING: Final = "A required field that is missing or unreadable makes the account undecided: find out, do not guess."
DECISION_WORDS: Final[dict[Decision, str]] = {
    "chase": "yes, call when it is in-market",
    "deprioritize": "fits, but nobody calls",
    "ignore": "no",
}
_SAID: Final = {"amount usd": "amount in USD", "c_level": "C-level", "_": " "}
"""Words of producers, as people say them; the last one also for values such as `demo_request`."""
_LIMIT: Final = re.compile(r"((?:at least|more than|at most|less than) )(\d{4,})(?![\d.])")


def condition(one: ShownCondition) -> str:
    """`employee count is at least 1,200`."""
    words = _LIMIT.sub(lambda found: f"{found[1]}{int(found[2]):,}", one["words"])
    return f"{one['field'].replace('_', ' ')} {words}"


def conditions(when: Sequence[ShownCondition]) -> str:
    """All of them, as one sentence."""
    return " and ".join(map(condition, when))


def call(rule: CallingRule) -> str:
    """`funding: amount usd is at least 10,000,000`."""
    when = conditions(rule["when"]) or "any signal of this type"
    unless = "".join(f"; not if {conditions(one)}" for one in rule["unless"])
    words = f"{signal_type(rule['kind'])}: {when}{unless}"
    for code, said in _SAID.items():
        words = words.replace(code, said)
    return words


def day(iso: str) -> str:
    """`20 Feb 2027`."""
    return f"{date.fromisoformat(iso):%-d %b %Y}"
