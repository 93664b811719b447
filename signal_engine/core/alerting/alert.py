"""An alert as it is sent: decision, snapshot of the account, recipient, and why now."""

from typing import Final, NamedTuple

from signal_engine.core.alerting.alerts import COOLED, ENTERED_HOT, INBOUND, NEW_EVIDENCE, AlertDecision, AlertType
from signal_engine.core.fit.eligibility import Audience, audience
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import in_order
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from signal_engine.core.score.why_now import WhyNow, faded, strongest_reason
from signal_engine.core.score.wording import line

_BY_SCORE: Final[frozenset[AlertType]] = frozenset({ENTERED_HOT, NEW_EVIDENCE})
"""Types caused by the account as a whole; the others, except `cooled`, are caused by one signal."""
_NOTHING: Final = WhyNow("", None)


class Alert(NamedTuple):
    """A decision with a snapshot of the account."""

    decision: AlertDecision
    snapshot: AccountSnapshot
    fit: Fit | None
    """None only for `inbound` of an account that is not in the accounts file."""
    audience: Audience
    why_now: WhyNow
    tipped_by: WhyNow | None
    """The signal that caused it, if that is not `why_now`."""
    threshold: float | None
    """The score that was crossed."""
    not_for_reps: NoAlertReason | None = None
    """For `inbound`: why no rep may be alerted."""


def alert(
    name: str, account: Account, decision: AlertDecision, fit: Fit | None, policy: Policy, event: Event | None = None
) -> Alert:
    """The alert of `decision`, with a snapshot of the account at its instant; `event` is the signal that caused it."""
    return alert_of(account, decision, take_snapshot(name, account, decision.at, policy), fit, policy, event)


def alert_of(
    account: Account,
    decision: AlertDecision,
    stands: AccountSnapshot,
    fit: Fit | None,
    policy: Policy,
    event: Event | None,
) -> Alert:
    """The alert of `decision`, for who has the snapshot `stands` of the account at its instant."""
    why_now, tipped_by = _reasons(account, decision, stands, event)
    hot, type_ = policy.levels.hot, decision.type
    threshold = hot.enter if type_ in _BY_SCORE else hot.exit if type_ == COOLED else None
    if fit is not None and not fit.decisions:  # in no accounts file: only actions know it
        fit = None
    whom: Audience = "triage" if type_ == INBOUND or fit is None else audience(fit, policy)
    return Alert(decision, stands, fit, whom, why_now, tipped_by, threshold)


def _reasons(
    account: Account, decision: AlertDecision, stands: AccountSnapshot, event: Event | None
) -> tuple[WhyNow, WhyNow | None]:
    if decision.type == COOLED:
        live = stands.score.live
        return faded(in_order(account.named), live, account.last_signal_at, decision.at), None
    own = None if event is None else WhyNow(line(event), event.occurred_at, event.event_id)
    if decision.type not in _BY_SCORE:
        return own or _NOTHING, None
    by_score = strongest_reason(stands.evidence, None, decision.at) if stands.pinned else stands.why_now
    strongest = by_score or own or _NOTHING
    return strongest, own if own is not None and own.event_id != strongest.event_id else None
