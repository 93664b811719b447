"""What an attempt to deliver came to, by the receiver's answer: sent, to be tried again, failed, or never again."""

from typing import Final, Literal, NamedTuple

AttemptEnd = Literal["sent", "retry", "uncertain", "failed", "disabled"]
"""`retry`: the same may succeed later. `uncertain`: it may have arrived, at a receiver that does not know it by its id.
`failed`: it will not succeed, whoever tries. `disabled`: nothing sent there will."""

MailStep = Literal["the connection", "the login", "the sender", "every address", "the message"]
"""What a mail server can refuse."""

_TRY_LATER: Final = frozenset({408, 425, 429})
_GONE: Final = 410
_LOGIN_REQUIRED: Final = 530
"""Of SMTP (RFC 4954)."""
_SLACK_LATER: Final = frozenset({
    "ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout", "service_unavailable",
    "rollup_error",
})  # fmt: skip
_SLACK_NEVER: Final = frozenset({
    "account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked", "not_allowed_token_type",
    "no_service", "no_service_id", "no_active_hooks", "invalid_token", "team_disabled", "no_team", "org_login_required",
    "team_access_not_granted", "ekm_access_denied", "messages_tab_disabled",
})  # fmt: skip
"""Errors by which Slack says that the token or the incoming webhook is good for nothing any more, or until somebody
changes what the app may do."""

_SLACK_NO_PLACE: Final = frozenset({
    "channel_not_found", "not_in_channel", "is_archived", "channel_is_archived", "restricted_action",
    "restricted_action_read_only_channel", "access_denied",
    "posting_to_general_channel_denied", "action_prohibited", "missing_scope", "no_permission",
})  # fmt: skip
"""Errors by which Slack says that a channel takes nothing from us until somebody changes that."""
_SLACK_STRANGERS: Final = frozenset({"users_not_found", "user_not_found"})
"""Errors by which Slack says that nobody there has this address."""

_FLOW_REFUSES: Final = frozenset({401, 403, 404})
_FLOW_UNKNOWN: Final = frozenset({500, 502, 504})
_FLOW_NEVER: Final = frozenset({
    "WorkflowNotFound", "WorkflowTriggerVersionNotFound", "WorkflowTriggerIsNotEnabled",
    "DirectApiAuthorizationRequired",
})  # fmt: skip
"""Errors by which Workflows says that a flow is gone or switched off, or that its URL is good for nothing any more.

The first three are those after which Microsoft's Business Central does not try again (`ShouldRetry` of its webhook
notifications); the last one comes of flows that not *Anyone* may trigger, and of URLs without their `sig`.
"""


class Attempt(NamedTuple):
    """How one attempt ended."""

    end: AttemptEnd
    said: str
    """In words, for people: what the receiver answered; never a secret, an address or a body."""
    receiver_id: str | None = None
    """The receiver's own id of the message."""
    retry_after_s: float | None = None
    """Seconds that the receiver asks to wait."""
    knows_person: bool = True
    """False: the receiver does not know the person whom the message is for."""


def by_status(status: int, retry_after_s: float | None = None) -> Attempt:
    """The end of an attempt whose receiver answered with an HTTP status."""
    said = f"the receiver answered {status}"
    if 200 <= status < 300:
        return Attempt("sent", said)
    if status in _TRY_LATER or status >= 500:
        return Attempt("retry", said, None, retry_after_s)
    if status == _GONE:
        return Attempt("disabled", f"{said}: it is gone for good")
    if 300 <= status < 400:
        return Attempt("failed", f"{said}: redirects are not followed")
    return Attempt("failed", said)


def by_slack_error(error: str, retry_after_s: float | None = None, *, to_channel: bool = False) -> Attempt:
    """The end of an attempt to which Slack answered with an error of its own.

    `to_channel`: a message to the one channel of its destination, whose next one would fare no better.
    """
    said = f"Slack answered {error}"
    if error in _SLACK_LATER:
        return Attempt("retry", said, None, retry_after_s)
    if error in _SLACK_NEVER or (to_channel and error in _SLACK_NO_PLACE):
        return Attempt("disabled", said)
    return Attempt("failed", said, knows_person=error not in _SLACK_STRANGERS)


def by_flow_answer(status: int, error: str, retry_after_s: float | None = None) -> Attempt:
    """The end of an attempt at a flow of Microsoft's Workflows, which answered with an HTTP status and a named error.

    That a flow took a message does not mean that it posts it; and behind a gateway that failed, it may have taken it.
    """
    attempt = by_status(status, retry_after_s)
    if attempt.end == "sent":
        return Attempt("sent", "the flow took it")
    if error in _FLOW_NEVER or status in _FLOW_REFUSES:
        return Attempt("disabled", f"{attempt.said}: the flow is gone, switched off, or has another URL")
    return attempt._replace(end="uncertain") if status in _FLOW_UNKNOWN else attempt


def by_mail_code(code: int, about: MailStep) -> Attempt:
    """The end of an attempt at which a mail server refused `about` with an SMTP code. It says no word of the server's,
    which likes to repeat addresses. A server that takes none of the addresses knows nobody there."""
    said = f"the mail server refused {about}: {code}"
    if 400 <= code < 500:
        return Attempt("retry", said)
    if about == "the login" or code == _LOGIN_REQUIRED:
        return Attempt("disabled", said)
    return Attempt("failed", said, knows_person=about != "every address")
