"""Alerts: whom to call now, and when not, why not (scoring.md, section 5)."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, get_args
from uuid import UUID, uuid5

from signal_engine.core.account import HOT, Account
from signal_engine.core.fit import Fit
from signal_engine.core.instants import BEGINNING
from signal_engine.core.kinds import KINDS
from signal_engine.core.policy import Policy
from signal_engine.core.reasons import NotNow
from signal_engine.core.stack import Score

AlertType = Literal["entered_hot", "new_evidence", "hand_raise", "cooled"]
ALERT_TYPES: Final[tuple[AlertType, ...]] = get_args(AlertType)
ENTERED_HOT: Final = "entered_hot"
NEW_EVIDENCE: Final = "new_evidence"
HAND_RAISE: Final = "hand_raise"
COOLED: Final = "cooled"

_NAMESPACE: Final = UUID("6b0d4a53-6f0c-5b57-9c3e-2a8f7d1e4c90")


class Call(NamedTuple):
    """A decision to alert: what kind of alert, at which instant, of which episode."""

    type: AlertType
    at: int
    """ms."""
    episode: int | None
    alert_id: str


def not_eligible(fit: Fit | None) -> NotNow | None:
    """Why an account may not be called, whatever its signals; None when it may (law 7: fit gates)."""
    return NotNow.NOT_IN_ACCOUNTS if fit is None else fit.barred


def hand_raise(account: Account, name: str, event_id: str, now: int, score: Score, policy: Policy) -> Call | NotNow:
    """Somebody asked to be contacted: called at any level, at most once in `hand_raise_hours`."""
    last = account.hand_raised_at
    if last is not None and now - last < policy.alerts.hand_raise_pause:
        return NotNow.HAND_RAISE_RECENT
    account.hand_raised_at = now
    hot = account.level == HOT
    if hot:
        _record(account, now, score.live)
    return Call(HAND_RAISE, now, account.episode if hot else None, _id(name, HAND_RAISE, event_id))


def hot_alert(account: Account, name: str, at: int, score: Score, policy: Policy) -> Call | NotNow:
    """Decides at `at` whether a hot account is called: once an episode, and again for kinds not yet named."""
    if account.level != HOT:
        return not_hot(score, policy)
    if not account.alerted:
        if cooldown_ends(account, policy) > at and not score.live - account.last_alert_kinds:
            return NotNow.COOLDOWN
        return entered_hot(account, name, at, score)
    new = score.live - account.named
    if not new:
        return NotNow.ALREADY_ALERTED
    _record(account, at, score.live)
    detail = [str(account.episode_began), *_in_order(new)]
    return Call(NEW_EVIDENCE, at, account.episode, _id(name, NEW_EVIDENCE, *detail))


def nothing_new(account: Account, kind: str, at: int, policy: Policy) -> NotNow | None:
    """Why a signal of `kind`, applied at `at` to a hot account, gives no alert; None when it has to be judged.

    What `hot_alert` would say, without the score: a kind becomes live by a signal of its own only, and what the other
    kinds gave cause for has been told.
    """
    if account.alerted:
        return NotNow.ALREADY_ALERTED if kind in account.named else None
    held = kind in account.last_alert_kinds and cooldown_ends(account, policy) > at
    return NotNow.COOLDOWN if held else None


def entered_hot(account: Account, name: str, at: int, score: Score) -> Call:
    """The first alert, at `at`, of an episode that no cooldown holds back."""
    _record(account, at, score.live)
    return Call(ENTERED_HOT, at, account.episode, _id(name, ENTERED_HOT, str(account.episode_began)))


def cooled(account: Account, name: str, at: int) -> Call:
    """The end, at `at`, of an episode that had alerted."""
    return Call(COOLED, at, account.episode, _id(name, COOLED, str(account.episode_began)))


def not_hot(score: Score, policy: Policy) -> NotNow:
    """Why an account that is not hot is not."""
    hot = policy.levels.hot
    few = score.score >= hot.enter and len(score.live) < hot.min_kinds
    return NotNow.TOO_FEW_KINDS if few else NotNow.BELOW_THRESHOLD


def cooldown_ends(account: Account, policy: Policy) -> int:
    """The instant (ms) from which the account may be called again; `BEGINNING` when it never was."""
    return BEGINNING if account.last_alert_at is None else account.last_alert_at + policy.alerts.cooldown


def no_alert(account: Account, at: int, score: Score, fit: Fit | None, policy: Policy) -> NotNow:
    """Why no alert is due at `at`, for `explain`; changes nothing."""
    if reason := not_eligible(fit):
        return reason
    if account.level != HOT:
        return not_hot(score, policy)
    return NotNow.COOLDOWN if not account.alerted and cooldown_ends(account, policy) > at else NotNow.ALREADY_ALERTED


def _record(account: Account, at: int, live: frozenset[str]) -> None:
    account.alerted = True
    account.named |= live
    account.last_alert_at = at
    account.last_alert_kinds = live


def _in_order(kinds: Iterable[str]) -> list[str]:
    return sorted(kinds, key=KINDS.index)


def _id(account: str, kind: AlertType, *detail: str) -> str:
    return str(uuid5(_NAMESPACE, "\n".join((account, kind, *detail))))
