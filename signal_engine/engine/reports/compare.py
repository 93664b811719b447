"""Compares two accounts: which parts make up the difference of their scores."""

from collections.abc import Mapping, Sequence
from typing import Any

from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.output.reports.what_if_documents import Comparison
from signal_engine.wire.output.rounding import rounded


def compare(accounts: Sequence[Mapping[str, Any]]) -> Comparison:
    """Compare two explanations of the same instant; a part that an account lacks counts as 0."""
    one, other = ({part["part"]: part["points"] for part in account["parts"]} for account in accounts)
    parts = [part for part in (*KINDS, "stack", "ceiling") if part in one or part in other]
    scores = [account["score"] for account in accounts]
    return {
        "until": accounts[0]["until"],
        "config_version": accounts[0]["config_version"],
        "scores": scores,
        "difference": rounded(scores[0] - scores[1]),
        "parts": [
            {
                "part": part,
                "points": [one.get(part, 0.0), other.get(part, 0.0)],
                "difference": rounded(one.get(part, 0.0) - other.get(part, 0.0)),
            }
            for part in parts
        ],
        "accounts": [dict(account) for account in accounts],
    }
