"""What each report is for, in one sentence; the pages and, by name, the command `report` offer them."""

from typing import Final

from typing_extensions import TypedDict

from signal_engine.wire.output.reports.reported_account import ReportName


class ReportWords(TypedDict):
    """A report as people choose it."""

    title: str
    says: str


REPORT_WORDS: Final[dict[ReportName, ReportWords]] = {
    "high-intent-outside-icp": {
        "title": "High intent outside the profile",
        "says": "Prospects that are warm or hot and do not fit, strongest first, and what each criterion costs.",
    },
    "near-fits": {
        "title": "Near fits",
        "says": "Accounts that a single criterion keeps from being chased, and by how much they miss it.",
    },
    "unknown": {
        "title": "Undecided for missing data",
        "says": "Accounts that nobody can judge yet, and the field that would decide most of them.",
    },
    "not-in-accounts": {
        "title": "Not in the accounts file",
        "says": "Companies with strong signals that are in no accounts file.",
    },
    "inbound": {
        "title": "Inbound",
        "says": "Everybody who asked to be called in the last 30 days, and which of them still wait for an answer.",
    },
    "decisions": {
        "title": "Decisions",
        "says": "Accounts that colleagues say do not fit, and kills whose review has come, longest waiting first.",
    },
    "pipeline-misfits": {
        "title": "Misfits in the pipeline",
        "says": "Open opportunities on accounts that do not fit or were disqualified, the largest amount first.",
    },
    "data-quality": {
        "title": "Data quality",
        "says": "Accounts that nobody calls, merged rows, columns and titles that no rule reads, and silent sources.",
    },
    "capacity": {
        "title": "Capacity",
        "says": "Hot accounts beyond what each person can work on in a week, and a threshold that would do.",
    },
    "response": {
        "title": "Response times",
        "says": "How long alerts waited for a claim, and claims for the first touch, by person and type, in 30 days.",
    },
    "wiring": {
        "title": "Wiring",
        "says": "Which systems downstream each published ICP has changed: five of seven within 60 days.",
    },
}
"""In the order in which people are offered them."""
