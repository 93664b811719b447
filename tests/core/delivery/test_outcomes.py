"""What the answers of receivers come to: sent, later, failed, or never again."""

import pytest

from signal_engine.core.delivery.outcomes import (
    Attempt,
    MailStep,
    by_flow_answer,
    by_mail_code,
    by_slack_error,
    by_status,
)


@pytest.mark.parametrize(
    ("status", "end"),
    [
        (200, "sent"), (204, "sent"), (299, "sent"), (301, "failed"), (307, "failed"), (400, "failed"), (401, "failed"),
        (404, "failed"), (408, "retry"), (410, "disabled"), (413, "failed"), (425, "retry"), (429, "retry"),
        (500, "retry"), (503, "retry"),
    ],
)  # fmt: skip
def test_an_http_status(status: int, end: str) -> None:
    attempt = by_status(status, 7.0)
    assert attempt.end == end
    assert str(status) in attempt.said
    assert attempt.retry_after_s == (7.0 if end == "retry" else None)


@pytest.mark.parametrize(
    ("error", "end"),
    [
        ("ratelimited", "retry"), ("internal_error", "retry"), ("token_revoked", "disabled"),
        ("invalid_auth", "disabled"), ("no_service", "disabled"), ("no_active_hooks", "disabled"),
        ("messages_tab_disabled", "disabled"), ("channel_not_found", "failed"),
        ("not_in_channel", "failed"),
    ],
)  # fmt: skip
def test_an_error_of_slack(error: str, end: str) -> None:
    attempt = by_slack_error(error, 3.0)
    assert (attempt.end, attempt.retry_after_s) == (end, 3.0 if end == "retry" else None)
    assert error in attempt.said


@pytest.mark.parametrize(
    ("status", "error", "end"),
    [
        (202, "", "sent"), (400, "", "failed"), (401, "", "disabled"), (403, "", "disabled"), (404, "", "disabled"),
        (410, "", "disabled"), (413, "", "failed"), (429, "", "retry"), (500, "", "uncertain"), (502, "", "uncertain"),
        (503, "", "retry"), (504, "", "uncertain"), (400, "WorkflowTriggerIsNotEnabled", "disabled"),
        (400, "TriggerInputSchemaMismatch", "failed"),
    ],
)  # fmt: skip
def test_an_answer_of_a_flow(status: int, error: str, end: str) -> None:
    attempt = by_flow_answer(status, error, 3.0)
    assert (attempt.end, attempt.retry_after_s) == (end, 3.0 if end in {"retry", "uncertain"} else None)
    assert end == "sent" or str(status) in attempt.said


@pytest.mark.parametrize(
    ("code", "about", "end"),
    [
        (421, "the connection", "retry"), (450, "every address", "retry"), (535, "the login", "disabled"),
        (530, "the message", "disabled"), (550, "every address", "failed"), (554, "the message", "failed"),
    ],
)  # fmt: skip
def test_a_code_of_a_mail_server(code: int, about: MailStep, end: str) -> None:
    attempt = by_mail_code(code, about)
    assert (attempt.end, attempt.said) == (end, f"the mail server refused {about}: {code}")
    assert attempt.knows_person == (end != "failed" or about != "every address")


@pytest.mark.parametrize(("error", "knows"), [("users_not_found", False), ("channel_not_found", True)])
def test_slack_says_that_it_does_not_know_a_person(error: str, knows: bool) -> None:
    attempt = by_slack_error(error)
    assert (attempt.end, attempt.knows_person) == ("failed", knows)


@pytest.mark.parametrize(
    "error",
    ["channel_not_found", "not_in_channel", "is_archived", "missing_scope", "restricted_action_read_only_channel"],
)
def test_a_channel_that_takes_nothing_disables_its_destination_but_a_person_does_not(error: str) -> None:
    assert by_slack_error(error, to_channel=True) == Attempt("disabled", f"Slack answered {error}")
    assert by_slack_error(error).end == "failed"
    assert by_slack_error("msg_too_long", to_channel=True).end == "failed"
