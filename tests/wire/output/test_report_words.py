"""Every report can be chosen by people."""

from typing import Any, cast, get_args

import pytest

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.icp import Decision
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.wire.output.reports.decision_documents import Misfit
from signal_engine.wire.output.reports.report_documents import HighIntentOutsideIcp
from signal_engine.wire.output.reports.report_shown import shown, summary
from signal_engine.wire.output.reports.report_words import REPORT_WORDS
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from signal_engine.wire.output.words import IN_WORDS


def test_every_report_has_a_title_and_one_sentence() -> None:
    assert tuple(REPORT_WORDS) == REPORT_NAMES
    assert all(words["says"].count(".") == 1 and words["says"].endswith(".") for words in REPORT_WORDS.values())
    assert len({words["title"] for words in REPORT_WORDS.values()}) == len(REPORT_NAMES)


@pytest.mark.parametrize(
    ("alone", "said"), [(None, ""), (0, ", none of them by itself"), (1, ", 1 of them by itself")], ids=str
)
def test_what_a_criterion_costs_begins_with_the_figures(alone: int | None, said: str) -> None:
    criterion = f"country is one of {', '.join(f'C{number}' for number in range(90))}"
    cost = {"icp": "saas", "stage": "must_have", "criterion": criterion, "accounts": 3, "alone": alone}
    report = cast("HighIntentOutsideIcp", {"costs": [cost]})
    assert summary(report, 9) == [f"keeps out 3{said}: {criterion} (saas)"]


@pytest.mark.parametrize("reason", list(NoAlertReason), ids=str)
def test_every_reason_why_no_rep_is_alerted_is_a_sentence(reason: NoAlertReason) -> None:
    assert shown("why_not", {"why_not": reason}) == IN_WORDS[reason]


@pytest.mark.parametrize(("field", "codes"), [("alert", AlertType), ("decision", Decision), ("misfit", Misfit)])
def test_every_code_of_a_report_has_words(field: str, codes: Any) -> None:
    assert all("_" not in shown(field, {field: code}) for code in get_args(codes))
