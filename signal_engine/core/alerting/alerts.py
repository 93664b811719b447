"""Alert decisions: whom to call now, or why not (scoring.md, section 5).

A decision is an `AlertDecision` or the reason why there is none. It is recorded in the account, since later decisions
depend on past alerts.
"""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple, get_args
from uuid import UUID, uuid5

from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.rules.kinds import BUYING_GROUP, ENGAGEMENT, in_order
from signal_engine.core.rules.policy import HOT, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import is_silent
from signal_engine.core.score.stack import Score, live_personas

AlertType = Literal["hand_raise", "entered_hot", "trigger", "new_evidence", "cooled", "inbound"]
ALERT_TYPES: Final[tuple[AlertType, ...]] = get_args(AlertType)
HAND_RAISE: Final = "hand_raise"
ENTERED_HOT: Final = "entered_hot"
TRIGGER: Final = "trigger"
NEW_EVIDENCE: Final = "new_evidence"
COOLED: Final = "cooled"
INBOUND: Final = "inbound"

_NAMESPACE: Final = UUID("6b0d4a53-6f0c-5b57-9c3e-2a8f7d1e4c90")


class AlertDecision(NamedTuple):
    """A decision to alert: type, instant, episode."""

    type: AlertType
    at: int
    """ms."""
    episode: int | None
    """None if it belongs to no hot episode."""
    alert_id: str
    personas: frozenset[str] = frozenset()
    """The named personas with at least `live_floor` points then."""
    raised_by: str | None = None
    """The persona of the hand raise."""
    recorded: Recorded | None = None
    """Why it is recorded but not sent; None if it is sent."""


class AlertRequest(NamedTuple):
    """A hand raise or trigger event, reduced to what limits depend on."""

    kind: str
    event_id: str
    persona: str
    at: int
    """The instant (ms) from which it counts."""


def hand_raise(
    account: Account, name: str, asked: AlertRequest, now: int, score: Score, policy: Policy
) -> AlertDecision | NoAlertReason:
    """Decide a hand raise: an alert at any level, once per persona in `hand_raise_hours`, while it is fresh."""
    if not _takes_hand_raise(account, asked, now, policy):
        return NoAlertReason.HAND_RAISE_RECENT
    return _by_itself(account, name, HAND_RAISE, asked, now, score, policy)


def inbound(
    account: Account, name: str, asked: AlertRequest, now: int, policy: Policy
) -> AlertDecision | NoAlertReason:
    """Decide a hand raise at an account of which no rep may be alerted: an alert for triage, by the same limits.

    It is never the account's last alert and belongs to no episode.
    """
    if not _takes_hand_raise(account, asked, now, policy):
        return NoAlertReason.HAND_RAISE_RECENT
    its_id = alert_id(name, INBOUND, asked.kind, asked.event_id)
    return AlertDecision(INBOUND, now, None, its_id, live_personas(account, now, policy), asked.persona)


def trigger(
    account: Account, name: str, asked: AlertRequest, now: int, score: Score, policy: Policy
) -> AlertDecision | NoAlertReason:
    """Decide a trigger event: an alert at any level, once per account in `trigger_days`, while it is fresh."""
    last = account.last_trigger_at
    if last is not None and now - last < policy.alerts.trigger_pause:
        return NoAlertReason.TRIGGER_RECENT
    account.last_trigger_at = now
    return _by_itself(account, name, TRIGGER, asked, now, score, policy)


def _takes_hand_raise(account: Account, asked: AlertRequest, now: int, policy: Policy) -> bool:
    """Whether no limit holds back the hand raise; if so, remember it and forget those that limit nothing any more."""
    pause = policy.alerts.hand_raise_pause
    recent = {persona: at for persona, at in account.hand_raised.items() if now - at < pause}
    if asked.persona in recent:
        return False
    account.hand_raised = {**recent, asked.persona: now}
    return True


def _by_itself(
    account: Account, name: str, type_: AlertType, asked: AlertRequest, now: int, score: Score, policy: Policy
) -> AlertDecision:
    personas = live_personas(account, now, policy)
    hot = account.level == HOT
    if hot:
        _record(account, now, score.live, personas)
    raised_by = asked.persona if type_ == HAND_RAISE else None
    its_id = alert_id(name, type_, asked.kind, asked.event_id)
    return AlertDecision(type_, now, account.episode if hot else None, its_id, personas, raised_by)


def entered_hot(account: Account, name: str, at: int, score: Score, policy: Policy) -> AlertDecision | NoAlertReason:
    """The first alert of an episode, unless the cooldown holds it back and no new kind is live."""
    if account.level != HOT:
        return not_hot(account, score, policy)
    if account.alerted:
        return NoAlertReason.ALREADY_ALERTED
    if cooldown_ends(account, policy) > at and not score.live - account.last_alert_kinds:
        return NoAlertReason.COOLDOWN
    return end_of_cooldown(account, name, at, score, policy)


def end_of_cooldown(account: Account, name: str, at: int, score: Score, policy: Policy) -> AlertDecision:
    """The first alert, at `at`, of a hot episode that no cooldown holds back."""
    personas = live_personas(account, at, policy)
    _record(account, at, score.live, personas)
    its_id = alert_id(name, ENTERED_HOT, str(account.episode_began))
    return AlertDecision(ENTERED_HOT, at, account.episode, its_id, personas)


def new_evidence(account: Account, name: str, at: int, score: Score, policy: Policy) -> AlertDecision | NoAlertReason:
    """An alert for kinds or personas that no alert of this episode has named."""
    if account.level != HOT:
        return not_hot(account, score, policy)
    if not account.alerted:
        return NoAlertReason.COOLDOWN
    personas = live_personas(account, at, policy)
    kinds, people = score.live - account.named, personas - account.named_personas
    if not kinds and not people:
        return NoAlertReason.ALREADY_ALERTED
    _record(account, at, score.live, personas)
    its_id = alert_id(name, NEW_EVIDENCE, str(account.episode_began), *news_words(kinds, people))
    return AlertDecision(NEW_EVIDENCE, at, account.episode, its_id, personas)


def hot_alert(account: Account, name: str, at: int, score: Score, policy: Policy) -> AlertDecision | NoAlertReason:
    """The decision for a hot account, by any signal: `entered_hot`, or `new_evidence` once it has alerted."""
    decide = new_evidence if account.level == HOT and account.alerted else entered_hot
    return decide(account, name, at, score, policy)


def cooled(account: Account, name: str, at: int, policy: Policy) -> AlertDecision:
    """The end, at `at`, of an episode that had alerted."""
    its_id = alert_id(name, COOLED, str(account.episode_began))
    return AlertDecision(COOLED, at, account.episode, its_id, live_personas(account, at, policy))


def nothing_new(account: Account, kind: str, persona: str, at: int, policy: Policy) -> NoAlertReason | None:
    """Why a signal of `kind` by `persona`, applied at `at` to a hot account, gives no alert; None if `hot_alert` must
    decide.

    A shortcut for `hot_alert` without the score: kinds and personas become live only by their own signals (the buying
    group by engagement), and earlier signals have already been decided.
    """
    alerted = account.named if account.alerted else account.last_alert_kinds
    if kind not in alerted:
        return None
    if kind == ENGAGEMENT:
        group, people = policy.group, len(account.kinds[kind].facets)
        if group is not None and BUYING_GROUP not in alerted and people >= group.personas:
            return None
        if account.alerted and persona not in account.named_personas and policy.personas.is_named(persona):
            return None if policy.by_persona else NoAlertReason.ALREADY_ALERTED
    if account.alerted:
        return NoAlertReason.ALREADY_ALERTED
    return NoAlertReason.COOLDOWN if cooldown_ends(account, policy) > at else None


def not_hot(account: Account, score: Score, policy: Policy) -> NoAlertReason:
    """The reason why an account is not hot."""
    hot = policy.levels.hot
    if score.score < hot.enter:
        return NoAlertReason.BELOW_THRESHOLD
    if len(score.live) < hot.min_kinds:
        return NoAlertReason.TOO_FEW_KINDS
    return NoAlertReason.SILENCE if is_silent(account, score.at, policy) else NoAlertReason.BELOW_THRESHOLD


def cooldown_ends(account: Account, policy: Policy) -> int:
    """The instant (ms) from which the account may be called again; `BEGINNING` if it never was."""
    return BEGINNING if account.last_alert_at is None else account.last_alert_at + policy.alerts.cooldown


def no_alert(account: Account, at: int, score: Score, policy: Policy) -> NoAlertReason:
    """The reason why no alert is due at `at` for an account that may be alerted; changes nothing."""
    if account.level != HOT:
        return not_hot(account, score, policy)
    return (
        NoAlertReason.COOLDOWN
        if not account.alerted and cooldown_ends(account, policy) > at
        else NoAlertReason.ALREADY_ALERTED
    )


def _record(account: Account, at: int, live: frozenset[str], personas: frozenset[str]) -> None:
    account.alerted = True
    account.named |= live
    account.named_personas |= personas
    account.last_alert_at = at
    account.last_alert_kinds = live


def news_words(kinds: Iterable[str], personas: Iterable[str]) -> list[str]:
    """What tells one alert of new evidence in an episode from another: the kinds and personas that are news."""
    return [*in_order(kinds), *(f"persona:{persona}" for persona in sorted(personas))]


def alert_id(account: str, type_: AlertType, *detail: str) -> str:
    """The id of an alert: the same whenever it is decided again. `detail` tells it from others of its type."""
    return str(uuid5(_NAMESPACE, "\n".join((account, type_, *detail))))
