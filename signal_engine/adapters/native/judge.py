"""The `OrdinaryJudge` of `signal_engine_native`: the scoring file as values, and what it asks Python.

It judges on flat states. It knows no rule, title or word: those are asked once for each class of events, by the fields
on which the answer depends.
"""

from collections.abc import Callable, Mapping, Sequence
from math import log, log2
from types import ModuleType
from typing import Any, Final, cast

from signal_engine.adapters.native.reader import NativeUnusable, native_reader
from signal_engine.core.alerting.alerts import COOLED, ENTERED_HOT, HAND_RAISE, INBOUND, NEW_EVIDENCE, TRIGGER
from signal_engine.core.fit.ranking import LEVEL_STEP
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import BUYING_GROUP, ENGAGEMENT, KIND_OF_NUMBER, LIVE_STORED_NUMBER, STORED_NUMBER
from signal_engine.core.rules.personas import OTHER, UNKNOWN
from signal_engine.core.rules.points import facet_of, fields_asked, no_rule_holds, score_event, with_persona
from signal_engine.core.rules.policy import HEAT, Policy, Threshold
from signal_engine.core.score.saturation import sat, sat_and_slope
from signal_engine.core.score.stack import Score
from signal_engine.core.score.wording import FIELDS, line, one_line
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.account_cache import HeldState
from signal_engine.engine.partition.ordinary.alerts import JudgedAlert, JudgedRaise, Told
from signal_engine.engine.partition.ordinary.judge import (
    CameIn,
    FitMeaning,
    JudgedBatch,
    JudgedEvents,
    OrdinaryEvents,
)
from signal_engine.engine.partition.ordinary.replayed import (
    JudgedMarket,
    ReplayedAccounts,
    ReplayedEvent,
    ReplayedMarket,
)
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.history import SIGNALS_KEPT
from signal_engine.wire.events.account_names import NotAnAccount, is_mail_provider, normalise, plain_names
from signal_engine.wire.events.hosts import mail_providers

_SAMPLES: Final = tuple(0.037 * number**1.5 + 1e-3 for number in range(400))
_FACET_CAP: Final = 14.0
_LEVELS: Final = {number: level for level, number in HEAT.items()}
_CALLS: Final = (HAND_RAISE, ENTERED_HOT, TRIGGER, NEW_EVIDENCE, COOLED, INBOUND)
"""As the native part numbers types of alerts."""
_REASONS: Final = (
    NoAlertReason.COOLDOWN,
    NoAlertReason.ALREADY_ALERTED,
    NoAlertReason.HAND_RAISE_RECENT,
    NoAlertReason.TRIGGER_RECENT,
    NoAlertReason.TOO_FEW_KINDS,
    NoAlertReason.SILENCE,
    NoAlertReason.BELOW_THRESHOLD,
    None,
)
"""As it numbers why a signal alerts nobody; the last is whatever keeps reps from being alerted of the account."""


_Take = Callable[
    [OrdinaryEvents, int, str, Sequence[FetchedRecord], int, int, Callable[[str], int], Mapping[str, object]], list[int]
]


class NativeJudge:
    """An `OrdinaryJudge`. `broken` is for tests: it fails at whatever it judges."""

    def __init__(self, module: ModuleType, scoring_context: ScoringContext, *, broken: bool = False) -> None:
        policy = scoring_context.policy
        self._judge = module.Judge(
            _values(policy, scoring_context.remembered_ids),
            [_asked(kind, policy) for kind in STORED_NUMBER],
            _questions(policy),
            native_reader(module),
            _naming(),
            broken=broken,
        )
        self._events = module.Events
        self.take: _Take = self._judge.take
        self.hold: Callable[[bytes, bytes | None], HeldState | None] = self._judge.holding()
        self.begin: Callable[[], None] = self._judge.begin
        self.came_in: Callable[[], CameIn] = self._judge.came_in
        self.run: Callable[[Sequence[ReplayedEvent], int, int, int, float], int] = self._judge.run
        self.rest: Callable[[HeldState], bytes] = self._judge.rest

    def events(self, *, many: bool) -> OrdinaryEvents:
        """See `OrdinaryJudge`."""
        return cast("OrdinaryEvents", self._events(many=many))

    def judge(
        self,
        events: OrdinaryEvents,
        held_of: Callable[[str], HeldState | None],
        opened: Callable[[str], FitMeaning],
        event_of: Callable[[int, int], TriagedEvent],
        /,
    ) -> JudgedEvents | None:
        """See `OrdinaryJudge`."""
        if (judged := self._judge.judge(events, held_of, opened, event_of)) is None:
            return None
        account, left, applied, was, told = judged
        return JudgedEvents(account, left, applied, was, [_told(*one) for one in told])

    def taken(self) -> JudgedBatch:
        """See `OrdinaryJudge`."""
        return JudgedBatch(*self._judge.taken())

    def replay(self, accounts: ReplayedAccounts, market: ReplayedMarket | None) -> None:
        """See `OrdinaryJudge`."""
        held, wake, audience, tell = accounts
        follows = None
        if market is not None:
            follows = {
                "reached": market.reached,
                "ladder": market.climbed,
                "most_by_kinds": [*market.most_by_kinds],
                "scored": market.scored,
                "rolled_down": market.rolled_down,
            }
        self._judge.replay(held, wake, audience, lambda told: tell(_told(*told)), follows)

    def followed(self) -> JudgedMarket:
        """See `OrdinaryJudge`."""
        began, personas, kinds, seen = self._judge.followed()
        named = [kind for kind, number in STORED_NUMBER.items() if kinds >> number & 1]
        return JudgedMarket(began, personas, named, [(name, _LEVELS[level]) for name, level in seen], ())


def _naming() -> dict[str, Any]:
    plain = plain_names()
    return {
        "name_of": _own_name,
        "suffixes": plain.suffixes,
        "no_companies": plain.no_companies,
        "mail_providers": mail_providers(),
    }


def _own_name(text: str) -> str | None:
    """The account that a text names, if no accounts file has to be asked about it."""
    name = normalise(text)
    return None if isinstance(name, NotAnAccount) or is_mail_provider(name) else name


def check_arithmetic(module: ModuleType) -> None:
    """Raises `NativeUnusable` unless it calculates to the last bit as this Python does."""
    for x in _SAMPLES:
        expected = (2.0**x, log2(x), log(x), sat(x, _FACET_CAP), sat_and_slope(x, _FACET_CAP))
        if module.arithmetic(x) != expected or module.arithmetic(-x)[0] != 2.0**-x:
            raise NativeUnusable("calculates otherwise than Python on this machine")


def _values(policy: Policy, remembered_ids: int) -> dict[str, Any]:
    alerts, lists, group = policy.alerts, policy.lists, policy.group
    return {
        "kinds": [
            {
                "number": STORED_NUMBER[kind.kind],
                "half_life": kind.half_life,
                "expires_after": kind.expires_after,
                "cap": kind.cap,
                "facet_cap": kind.facet_cap,
            }
            for kind in policy.kinds.values()
        ],
        "engagement": STORED_NUMBER[ENGAGEMENT],
        "by_persona": policy.by_persona,
        "group": None if group is None else {"personas": group.personas, "each": group.each},
        "group_bit": LIVE_STORED_NUMBER[BUYING_GROUP],
        "live_floor": policy.stack.live_floor,
        "multipliers": list(policy.stack.multipliers),
        "hot": _threshold(policy.levels.hot),
        "warm": _threshold(policy.levels.warm),
        "no_rise_below": [list(policy.no_rise_below[level]) for level in HEAT],
        "stamp": policy.stamp,
        "cooldown": alerts.cooldown,
        "trigger_pause": alerts.trigger_pause,
        "pin": lists.pin,
        "hand_raise_pause": alerts.hand_raise_pause,
        "unknown": UNKNOWN,
        "min_level": HEAT[lists.min_level],
        "min_score": lists.min_score,
        "level_step": LEVEL_STEP,
        "remembered_ids": remembered_ids,
        "signals_kept": SIGNALS_KEPT,
        "compensated": sum([1.0, 1e100, 1.0, -1e100]) == 2.0,  # from Python 3.12 on
    }


def _told(event: Event, alerts: list[tuple[Any, ...]], raised: tuple[int, str, int | None] | None) -> Told:
    if raised is None:
        return Told(event, [_alert(*one) for one in alerts], None)
    now, persona, reason = raised
    why = None if reason is None else _REASONS[reason]
    return Told(event, [_alert(*one) for one in alerts], JudgedRaise(now, persona, why))


def _alert(
    call: int,
    at: int,
    by_signal: bool,  # noqa: FBT001 (as the native part hands it over)
    personas: list[str],
    new_kinds: int,
    new_personas: list[str],
    raised_by: str | None,
    state: bytes,
    score: tuple[list[tuple[int, float]], int, float, float, float],
    cools_at: int | None,
) -> JudgedAlert:
    kinds, live, multiplier, raw, points = score
    its = Score(at, {KIND_OF_NUMBER[number]: one for number, one in kinds}, _live(live), multiplier, raw, points)
    news = frozenset(new_personas)
    return JudgedAlert(
        _CALLS[call], by_signal, frozenset(personas), _live(new_kinds), news, raised_by, state, its, cools_at
    )


def _live(mask: int) -> frozenset[str]:
    return frozenset(one for one, number in LIVE_STORED_NUMBER.items() if mask >> number & 1)


def _threshold(threshold: Threshold) -> dict[str, Any]:
    return {
        "enter": threshold.enter,
        "exit": threshold.exit,
        "min_kinds": threshold.min_kinds,
        "max_silence": threshold.max_silence,
    }


def _asked(kind: str, policy: Policy) -> dict[str, Any]:
    """What is asked of events of `kind`, by the places of its fields."""
    its = policy.kinds.get(kind)
    rule = {} if its is None else fields_asked(its)
    facet = "source" if its is None else its.facet
    people = ("persona",) if kind == ENGAGEMENT else ()
    fields = [*dict.fromkeys(("source", "source_url", *people, *rule, *FIELDS[kind], facet))]
    return {
        "name": kind,
        "number": STORED_NUMBER[kind],
        "fields": fields,
        "rule": [(fields.index(name), sorted({*limits})) for name, limits in rule.items()],
        "line": [fields.index(name) for name in FIELDS[kind]],
        "facet": fields.index(facet),
        "title": fields.index("persona") if people else None,
        "source": fields.index("source"),
        "url": fields.index("source_url"),
    }


def _questions(policy: Policy) -> dict[str, Any]:
    name_of, is_named = policy.personas.name_of, policy.personas.is_named

    def rule(event: Event) -> tuple[float, bool, bool, bool | None]:
        plain = event._replace(confidence=1.0)
        fields, _ = with_persona(plain, policy)
        scored = score_event(plain, fields, policy.kinds[event.kind])
        return scored.points, scored.act_now, scored.trigger, no_rule_holds(plain, policy)

    def persona(event: Event) -> tuple[str, str | None, str | None]:
        title = event.fields.get("persona")
        named = name_of(title)
        called = None if named == UNKNOWN else str(title).strip()
        return named, called, one_line(str(title)).casefold() if named == OTHER else None

    def facet(event: Event) -> str:
        return facet_of(with_persona(event, policy)[0], policy.kinds[event.kind])

    def rounded(points: float) -> float:
        return round(points, 2)

    return {"rule": rule, "line": line, "persona": persona, "facet": facet, "is_named": is_named, "rounded": rounded}
