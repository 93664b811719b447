"""A past laid out once as arrays, so that it can be scored under thousands of parameter sets without replaying.

A look is an account at an instant. Each look has the signals of the account that had arrived by then, sorted so that
kinds, looks and facets are contiguous: a facet is one stretch, and a kind of a look is one stretch of facets.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.points import facet_of, never_counts, with_persona
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.validation.calibration.parameters import rule_begins
from signal_engine.engine.validation.panel import Flags
from signal_engine.engine.validation.statistics.intervals import Numbers

_Places = npt.NDArray[np.intp]


class AccountAt(NamedTuple):
    """An account at an instant."""

    account: str
    at: int
    """ms. What arrived up to and at it counts."""


class Arrived(NamedTuple):
    """An event and the instant (ms) of its arrival."""

    now: int
    event: Event


@dataclass(slots=True)
class KindLayout:
    """The signals of one kind, over all looks. `S`, `F` and `K` as in scoring.md, section 2."""

    rule: npt.NDArray[np.int32]
    """Per signal: the number of its rule among those of all kinds."""
    confidence: Numbers
    """Per signal."""
    age: Numbers
    """Per signal: ms from when it counts to the look, >= 0."""
    late: npt.NDArray[np.int64]
    """Per signal: ms from when it happened to its arrival; by it, it may have been expired."""
    oldest: int
    """The greatest of `late`; -1 without signals."""
    facet: _Places
    """Where the signals of each facet begin."""
    named: Flags
    """Per facet: whether it is a named persona of a kind that saturates by persona."""
    look: _Places
    """Per facet: its look."""
    repeats: list["_Repeat"]

    def first(self, looks: int) -> "KindLayout":
        """Those of the first looks: looks stand one after the other."""
        facets = int(np.searchsorted(self.look, looks))
        signals = int(self.facet[facets]) if facets < len(self.facet) else len(self.rule)
        late = self.late[:signals]
        return KindLayout(
            self.rule[:signals],
            self.confidence[:signals],
            self.age[:signals],
            late,
            int(late.max(initial=-1)),
            self.facet[:facets],
            self.named[:facets],
            self.look[:facets],
            [one for one in self.repeats if one.places[0] < signals],  # all of one are of one look
        )


class _Repeat(NamedTuple):
    """Signals of one look that share an id, in order of arrival: which of them count depends on the half-life."""

    places: list[int]
    occurred_at: list[int]
    now: list[int]


@dataclass(slots=True)
class Layout:
    """Looks and their signals."""

    looks: int
    policy: Policy
    """By whose rules and facets they were laid out."""
    kinds: list[KindLayout]
    """In the order of the policy."""

    @property
    def signals(self) -> int:
        """How many, over all looks."""
        return sum(len(kind.rule) for kind in self.kinds)

    def first(self, looks: int) -> "Layout":
        """The first looks alone."""
        return Layout(looks, self.policy, [kind.first(looks) for kind in self.kinds])


class _Laid(NamedTuple):
    """A signal before it belongs to a look."""

    kind: int
    facet: str
    rule: int
    event: Event
    now: int
    order: int
    """Of arrival, among those of its account."""


def layout(policy: Policy, arrived: Mapping[str, Sequence[Arrived]], looks: Sequence[AccountAt]) -> Layout:
    """Lays out `looks` by the rules, personas and facets of `policy`.

    `arrived` has the events of each account in order of arrival. Of an account with more ids than a worker remembers
    (1,024) all are remembered here.
    """
    numbers = _RuleNumbers(policy)
    laid = {name: _lay(arrived.get(name, ()), policy, numbers) for name in {look.account for look in looks}}
    rows: list[list[tuple[int, str, _Laid]]] = [[] for _ in policy.kinds]
    for number, look in enumerate(looks):
        for one in laid[look.account]:
            if one.now > look.at:
                break
            rows[one.kind].append((number, one.facet, one))
    at = [look.at for look in looks]
    return Layout(len(looks), policy, [_kind_layout(name, rows[n], at, policy) for n, name in enumerate(policy.kinds)])


class _RuleNumbers:
    """The number of a rule among those of all kinds."""

    def __init__(self, policy: Policy) -> None:
        first = rule_begins(policy)
        self._of: dict[tuple[str, int], int] = {}
        for place, kind in enumerate(policy.kinds.values()):
            for number, rule in enumerate(kind.rules):  # of a rule that stands twice the first decides
                self._of.setdefault((kind.kind, id(rule)), int(first[place]) + number)

    def of(self, kind: str, rule: object) -> int:
        """Its number; rules are the policy's own objects, which kinds may share."""
        return self._of[kind, id(rule)]


def _lay(arrived: Iterable[Arrived], policy: Policy, numbers: _RuleNumbers) -> list[_Laid]:
    places = {name: place for place, name in enumerate(policy.kinds)}
    found: list[_Laid] = []
    for now, event in arrived:
        place = places.get(event.kind)
        if place is None or never_counts(event):
            continue
        kind = policy.kinds[event.kind]
        fields, _ = with_persona(event, policy)
        if (rule := kind.rulebook.first(fields)) is not None:
            found.append(_Laid(place, facet_of(fields, kind), numbers.of(event.kind, rule), event, now, len(found)))
    return found


def _kind_layout(name: str, rows: list[tuple[int, str, _Laid]], at: Sequence[int], policy: Policy) -> KindLayout:
    order = sorted(range(len(rows)), key=lambda place: (rows[place][0], rows[place][1]))  # stable: then by arrival
    rows = [rows[place] for place in order]
    begins = [
        place for place, (look, facet, _) in enumerate(rows) if place == 0 or (look, facet) != rows[place - 1][:2]
    ]
    now = np.array([one.now for _, _, one in rows], np.int64)
    occurred = np.array([one.event.occurred_at for _, _, one in rows], np.int64)
    looked = np.array([at[look] for look, _, _ in rows], np.int64)
    late = now - occurred
    named = [policy.by_persona and name == ENGAGEMENT and policy.personas.is_named(rows[place][1]) for place in begins]
    return KindLayout(
        np.array([one.rule for _, _, one in rows], np.int32),
        np.array([one.event.confidence for _, _, one in rows], np.float64),
        (looked - np.minimum(occurred, now)).astype(np.float64),
        late,
        int(late.max(initial=-1)),
        np.array(begins, np.intp),
        np.array(named, bool),
        np.array([rows[place][0] for place in begins], np.intp),
        _repeats(rows),
    )


def _repeats(rows: Sequence[tuple[int, str, _Laid]]) -> list[_Repeat]:
    by_id: dict[tuple[int, str], list[int]] = {}
    for place, (look, _, one) in enumerate(rows):
        by_id.setdefault((look, one.event.event_id), []).append(place)
    found: list[_Repeat] = []
    for places in by_id.values():
        if len(places) > 1:
            ordered = sorted(places, key=lambda place: rows[place][2].order)
            told = [rows[place][2] for place in ordered]
            found.append(_Repeat(ordered, [one.event.occurred_at for one in told], [one.now for one in told]))
    return found
