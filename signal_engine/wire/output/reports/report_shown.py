"""What people are shown of a report: the columns, the text of their cells, and the lines above them.

Terminal and page share it, so that they say the same.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple

from signal_engine.core.sync.wiring import ENOUGH_CHANGED
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.reports.report_documents import DataCheck, Report
from signal_engine.wire.output.reports.reported_account import ReportName


class Column(NamedTuple):
    """A column that people have room for."""

    heading: str
    field: str

    @property
    def is_number(self) -> bool:
        """Whether its cells stand to the right."""
        return self.field in _NUMBERS


_ACCOUNT: Final = (
    Column("Account", "account_id"),
    Column("Level", "level"),
    Column("Score", "score"),
    Column("Why now", "why_now"),
)
COLUMNS: Final[Mapping[ReportName, tuple[Column, ...]]] = {
    "high-intent-outside-icp": (*_ACCOUNT, Column("ICP", "icp"), Column("Excluded by", "criterion")),
    "near-fits": (
        *_ACCOUNT,
        Column("ICP", "icp"),
        Column("Misses", "criterion"),
        Column("By", "distance"),
        Column("Would be", "would_be"),
    ),
    "unknown": (*_ACCOUNT, Column("ICP", "icp"), Column("Missing", "missing")),
    "not-in-accounts": (*_ACCOUNT, Column("Last signal", "last_signal_at")),
    "inbound": (
        Column("Raised", "raised_at"),
        Column("Account", "account_id"),
        Column("What", "text"),
        Column("Decision", "decision"),
        Column("For", "sdr"),
        Column("Alert", "alert"),
        Column("Why no alert to a rep", "why_not"),
        Column("Answered", "answered_at"),
        Column("By", "answered_by"),
    ),
    "decisions": (
        Column("Question", "question"),
        Column("Since", "decided_at"),
        Column("Account", "account_id"),
        Column("ICP", "icp"),
        Column("By", "by"),
        Column("Reason", "reason"),
        Column("Rule says", "decision"),
        Column("Because", "criterion"),
        Column("Review", "review_at"),
        Column("Score", "score"),
    ),
    "pipeline-misfits": (
        Column("Account", "account_id"),
        Column("Opportunity", "opportunity_id"),
        Column("Stage", "stage"),
        Column("Amount, USD", "amount_usd"),
        Column("Days open", "age_days"),
        Column("Owner", "owner"),
        Column("Why", "misfit"),
        Column("ICP", "icp"),
        Column("Because", "criterion"),
        Column("By", "by"),
    ),
    "data-quality": (
        Column("Check", "check"),
        Column("Subject", "subject"),
        Column("Count", "count"),
        Column("Of", "of"),
        Column("Last seen", "since"),
        Column("Examples", "examples"),
    ),
    "capacity": (
        Column("Person", "person"),
        Column("Capacity a week", "capacity"),
        Column("Hot", "hot"),
        Column("Claimed", "claimed"),
        Column("Over", "over"),
        Column("Fits from score", "threshold"),
    ),
    "response": (
        Column("Person", "person"),
        Column("Alert", "type"),
        Column("Alerts", "alerts"),
        Column("Claimed", "claimed"),
        Column("Median to claim", "to_claim_s"),
        Column("Touched", "touched"),
        Column("Median to touch", "to_touch_s"),
    ),
    "wiring": (
        Column("ICP", "icp"),
        Column("Version", "version"),
        Column("System", "system"),
        Column("Changed", "changed_at"),
        Column("Last changed", "last_changed_at"),
        Column("Added", "added"),
        Column("Removed", "removed"),
        Column("Sinks", "sinks"),
        Column("Confirmed by", "confirmed_by"),
        Column("Note", "note"),
    ),
}
"""What a terminal and a page have room for."""
_INSTANTS: Final = frozenset({
    "last_signal_at", "raised_at", "answered_at", "since", "decided_at", "review_at", "changed_at",
    "last_changed_at",
})  # fmt: skip
_NUMBERS: Final = frozenset({
    "score", "distance", "count", "of", "amount_usd", "age_days", "capacity", "hot", "claimed", "over", "threshold",
    "alerts", "touched", "to_claim_s", "to_touch_s", "version", "added", "removed",
})  # fmt: skip
_UNSAID: Final = {
    "person": "nobody",
    "capacity": "not known",
    "to_claim_s": "not yet",
    "to_touch_s": "not yet",
    "changed_at": "not yet",
}
"""Field -> what its absence is called."""
_WAITS: Final = frozenset({"to_claim_s", "to_touch_s"})
_BY_PEOPLE: Final = {"killed": "disqualified by people", "do_not_contact": "not to be contacted"}
_SAID: Final[Mapping[str, Mapping[Any, str]]] = {
    "alert": ALERT_IN_WORDS,
    "type": ALERT_IN_WORDS,
    "why_not": words.IN_WORDS,
    "misfit": {"not_fit": "does not fit", **_BY_PEOPLE},
    "decision": {
        "chase": "fits: call it",
        "deprioritize": "fits, but nobody calls it",
        "unknown": "unknown: a required field is missing",
        "ignore": "does not fit",
    },
    "system": words.DOWNSTREAMS_IN_WORDS,
}
"""Field -> code -> the words for it."""
_CHECKS: Final[Mapping[DataCheck, str]] = {
    "no_owner": "Accounts without an owner",
    "no_sdr": "Accounts without an SDR",
    "nobody_calls": "Accounts with neither an owner nor an SDR: nobody calls them",
    "merged_rows": "Rows that were merged into another row of the same account",
    "unread_column": "Accounts with a value in a column that no rule reads",
    "other_persona": "Engagement signals with a title that gives no persona",
    "off_list": "Events of this type about nothing that the scoring file lists under sells",
    "silent_source": "Events of a source that used to send and has gone silent",
}
NOT_PUBLISHED: Final = (
    "No ICP is published: profiles in force were loaded by `fit load`; `icp publish` makes them published."
)
"""Why there is no row in `wiring`."""


def shown(field: str, row: Mapping[str, Any]) -> str:
    """The text of one cell of a row."""
    value = row[field]
    if value is None and field in _UNSAID:
        return _UNSAID[field]
    if value is None:
        return "not yet" if field == "answered_at" and not row["backfill"] else ""
    if field in _INSTANTS:
        return _minute(value)
    if field == "check":
        return _CHECKS[row["check"]]
    if field in _SAID:
        return _SAID[field][value]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if field == "distance":
        return f"{value:+,g}"
    if field in _WAITS:
        return _wait(value)
    if field in _NUMBERS:
        return f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
    return str(value)


def summary(report: Report, max_lines: int) -> list[str]:
    """What a report counts over its rows, at most `max_lines` lines of a kind."""
    counted: Mapping[str, Any] = report
    lines = [
        f"keeps out {cost['accounts']:,}{_alone(cost['alone'])}: {cost['criterion']} ({cost['icp']})"
        for cost in counted.get("costs", [])[:max_lines]
    ]
    lines += [
        f"{lacking['field']} ({lacking['icp']}): lacks {lacking['accounts']:,}, would alone decide {lacking['alone']:,}"
        for lacking in counted.get("fields", [])[:max_lines]
    ]
    lines += map(_inbox, counted.get("icps", []))
    lines += [
        f"{one['criterion']} ({one['icp']}): {'lets in' if one['admits'] else 'already excludes'} "
        f"{words.count(one['proposals'], 'proposed account')}"
        for one in counted.get("criteria", [])[:max_lines]
    ]
    if "open" in counted:
        things = "opportunity" if counted["open"] == 1 else "opportunities"
        lines.append(f"{counted['total']:,} of {counted['open']:,} open {things}, ${counted['amount_usd']:,.0f}")
    lines += map(_kept_in, counted.get("counts", [])[:max_lines])
    if "hot_from" in counted:
        lines.append(_against_capacity(counted))
    if "versions" in counted:
        lines += [*map(_reached, counted["versions"])] or [NOT_PUBLISHED]
    if "unanswered" in counted:
        lines.append(f"{words.count(counted['unanswered'], 'hand raise')} unanswered; the goal is none")
    return lines


def _against_capacity(counted: Mapping[str, Any]) -> str:
    """`12 hot accounts for a capacity of 10 a week: 3 too many; none with a threshold of 47.31 instead of 40`."""
    if not counted["capacity"]:
        hot = words.count(sum(row["hot"] for row in counted["rows"]), "hot account")
        least = "at least " if counted["total"] > len(counted["rows"]) else ""
        return f"{least}{hot}; nobody's capacity is known: set `capacity` in the routes file"
    hot, capacity = words.count(counted["hot"], "hot account"), f"{counted['capacity']:,}"
    said = f"{hot} for a capacity of {capacity} a week: {_or_none(counted['over'])} too many"
    if counted["threshold"] is None:
        return said
    return f"{said}; none with a threshold of {counted['threshold']:,.2f} instead of {counted['hot_from']:g}"


def _reached(one: Mapping[str, Any]) -> str:
    """`saas version 4: amber, 3 of 7 systems changed, and 5 are to by 29 Jan 2027 09:30`."""
    said = (
        f"{one['icp']} version {one['version']}: {one['status']}, {one['in_time']} of {one['systems']} systems changed"
    )
    if one["status"] == "amber":
        return f"{said}, and {ENOUGH_CHANGED} are to by {_minute(one['due_at'])}"
    said += " in time"  # of a red one, others may have changed since
    return said if one["status"] == "green" else f"{said}, and {ENOUGH_CHANGED} were to by {_minute(one['due_at'])}"


def _minute(instant: str) -> str:
    """`29 Jan 2027 09:30`."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%-d %b %Y %H:%M}"


def _wait(seconds: int) -> str:
    """`12 min`, `3 h 20 min`, `2 d 4 h`."""
    minutes = seconds // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _or_none(number: int) -> str:
    return f"{number:,}" if number else "none"


def _alone(accounts: int | None) -> str:
    return "" if accounts is None else f", {_or_none(accounts)} of them by itself"


def _kept_in(one: Mapping[str, Any]) -> str:
    """`industry is Retail (saas): 3, $120,000`; `disqualified by people: 1, $9,000`."""
    what = (
        f"{one['criterion'] or 'does not fit'} ({one['icp']})"
        if one["misfit"] == "not_fit"
        else _BY_PEOPLE[one["misfit"]]
    )
    return f"{what}: {one['opportunities']:,}, ${one['amount_usd']:,.0f}"


def _inbox(waits: Mapping[str, Any]) -> str:
    owner = f" (owner {waits['rule_owner']})" if waits["rule_owner"] else ""
    parts = []
    if waits["proposals"]:
        chased = f", {waits['admitted']:,} of accounts that the rule chases" if waits["admitted"] else ""
        parts.append(f"{words.count(waits['proposals'], 'open proposal')}{chased}")
    if waits["reviews"]:
        parts.append(f"{words.count(waits['reviews'], 'kill')} to review")
    return f"{waits['icp'] or 'no profile'}{owner}: {'; '.join(parts)}"
