"""Fold a signal into its account: points, facet, evidence, person seen."""

from collections.abc import Mapping
from functools import partial
from math import log2
from typing import Any, Final, NamedTuple

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.personas import UNKNOWN
from signal_engine.core.rules.points import ScoredEvent, facet_of
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account, HandRaise
from signal_engine.core.score.kind_state import Evidence, KindState, new_evidence
from signal_engine.core.score.wording import line


class Signal(NamedTuple):
    """A signal folded into an account."""

    event_id: str
    kind: str
    occurred_at: int
    """ms."""
    points: float
    """At the instant from which it counts."""
    text: str
    """One line of at most 160 characters, without personal fields."""
    source_url: str | None
    raised_by: str | None
    """Of a hand raise: the persona that asked to be called."""
    alias: str | None = None
    """The domain that the event named, if that is an alias of the account."""


_new_signal: Final = partial(tuple.__new__, Signal)


def stack(
    account: Account,
    event: Event,
    fields: Mapping[str, Any],
    persona: str,
    scored: ScoredEvent,
    at: int,
    now: int,
    policy: Policy,
    folded: list[Signal] | None,
) -> None:
    """Fold a signal that counts from `at` (ms) and is applied at `now`; `fields` has the mapped persona."""
    _, name, event_id, occurred_at = event[:4]
    kind, points = policy.kinds[name], scored.points
    state = account.kinds.get(name)
    if state is None:
        if not account.kinds:  # nothing is no more than 0 by any policy
            account.upper_bound_stamp = policy.stamp
        state = account.kinds[name] = KindState(at, {}, upper_bound=0.0)
    state.add(kind, facet_of(fields, kind), points, at)
    account.upper_bound += points
    if account.last_signal_at is None or occurred_at > account.last_signal_at:
        account.last_signal_at = occurred_at
    if points >= policy.stack.live_floor and (account.weighty_at is None or at > account.weighty_at):
        account.weighty_at = at
    weight = log2(points) + at / kind.half_life
    kept = state.would_keep(weight, occurred_at, event_id)
    pins = scored.act_now and not event.backfill
    if folded is not None or kept or pins:
        text, url = line(event), fields.get("source_url")
        evidence: Evidence = new_evidence((weight, occurred_at, event_id, text, url, event.alias))
        if kept:
            state.keep(evidence)
        if pins:
            account.raise_hand(HandRaise(at, name, persona, evidence), now)
        if folded is not None:
            raised_by = persona if scored.act_now else None
            folded.append(_new_signal((event_id, name, occurred_at, points, text, url, raised_by, event.alias)))
    if name == ENGAGEMENT and persona != UNKNOWN:
        account.meet(persona, str(event.fields["persona"]).strip(), at)
