"""Judges a batch by Python, too, on copies of its accounts, and says in what another judge differs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.kinds import BUYING_GROUP, KINDS
from signal_engine.core.rules.policy import HEAT, Policy
from signal_engine.core.score.account import Account
from signal_engine.engine.ingest.triage import Triage
from signal_engine.engine.partition.account_cache import CachedAccount
from signal_engine.engine.partition.ordinary.judge import JudgedDifferently, failed
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.wire.storage import state

_LIVE: Final = frozenset((*KINDS, BUYING_GROUP))


class Differs(NamedTuple):
    """In what two judgments differ: a field of a state, or a part of what is written, and the first place in it."""

    what: str
    where: tuple[str, ...] = ()
    """An account where it is of one, and whatever else leads to the value."""
    python: object = ""
    judged: object = ""

    def __str__(self) -> str:
        values = _told(self.python), _told(self.judged)
        both = "{} by Python, {} natively".format(*values) if all(one is not None for one in values) else ""
        place = ": ".join(one for one in (" ".join(self.where), both) if one)
        return f"{self.what} ({place})" if place else self.what


def copies(known: Mapping[str, CachedAccount]) -> dict[str, CachedAccount]:
    """The accounts as they are, for Python to judge."""
    return {name: one.copy() for name, one in known.items()}


def compare(
    again: Sequence[Triage], intakes: Sequence[Triage], python: TransactionBuilder, judged: TransactionBuilder
) -> None:
    """Raises `JudgeFailed` where Python triages or judges a batch otherwise than another, who is not asked again."""
    _fail_if([*_triaged_otherwise(again, intakes), *differences(python, judged)], "batch")


def _triaged_otherwise(python: Sequence[Triage], taken: Sequence[Triage]) -> list[Differs]:
    """In what the triage of a batch differs, beside the events to judge."""
    pairs = [one for its in zip(python, taken, strict=True) for one in zip(Triage._fields, *its, strict=True)]
    return [Differs(name) for name in sorted({name for name, mine, its in pairs if name != "arrived" and mine != its})]


def compare_block(python: "JudgedBlock", judged: "JudgedBlock", policy: Policy) -> None:
    """As `compare`, of one block of a replay."""
    found = [*_of_states(python.states, judged.states, policy)]
    mine, its = (dict(zip(EventOutcome, block.outcomes, strict=False)) for block in (python, judged))
    found += _between("outcomes", mine, its)
    found += _between("alerts", python.alerts, judged.alerts)
    _fail_if(found, "block")


class JudgedBlock(NamedTuple):
    """What came of a block of a replay."""

    states: Mapping[str, bytes]
    outcomes: Sequence[int]
    alerts: Sequence[Any]


def _fail_if(different: Sequence[Differs], of_what: str) -> None:
    if different:
        of_each = {one.what: one for one in reversed(different)}  # of many accounts, one is enough to look at
        told = ", ".join(str(of_each[what]) for what in sorted(of_each))
        raise failed(JudgedDifferently(f"a {of_what} differs in {told}"))


def differences(python: TransactionBuilder, judged: TransactionBuilder) -> list[Differs]:
    """In what two transactions of one batch differ: fields of a state, or parts of the transaction.

    The bound of a state may differ: it only says what need not be looked at. So may ids that are expired: they change
    no answer, and are forgotten earlier or later where an account goes from one to the other in the middle of a batch.
    """
    mine, its = python.build(0, 0, ()), judged.build(0, 0, ())
    parts = _parts(mine, python), _parts(its, judged)
    found = [one for name in parts[0] for one in _between(name, parts[0][name], parts[1][name])]
    return [*found, *_of_states(mine.states, its.states, python.policy)]


def _parts(transaction: Transaction, builder: TransactionBuilder) -> dict[str, Any]:
    history, came_in = transaction.history, builder.came_in
    return {
        "fits": transaction.fits,
        "actions": transaction.actions,
        "ranks": transaction.ranks,
        "due": transaction.due,
        "outbox": transaction.outbox,
        "counts": transaction.counts,
        "signals": {name: [*records] for name, records in history.signals.items()},
        "alerts": history.alerts,
        "scores": history.scores,
        "feed": sorted(history.feed),
        "raises": sorted(history.raises),
        "came in": None if came_in is None else (came_in.events, came_in.engagement, [*came_in.sources.items()]),
        "titles": None if came_in is None else [*came_in.titles.items()],
    }


def _of_states(
    python: Mapping[str, bytes | None], judged: Mapping[str, bytes | None], policy: Policy
) -> Iterator[Differs]:
    """Fields in which states differ; `accounts`: one is written by one of them only."""
    for name in {**python, **judged}:
        mine, its = python.get(name), judged.get(name)
        if (name in python) != (name in judged) or (mine is None) != (its is None):
            yield Differs("accounts", (name,))
        elif mine is not None and its is not None and mine != its:
            fields = _fields(mine, policy), _fields(its, policy)
            for field in fields[0]:
                yield from _between(field, fields[0][field], fields[1][field], name)


def _between(what: str, one: Any, other: Any, *where: str) -> Iterator[Differs]:
    """The first place in which two values differ."""
    if one == other:
        return
    mine, its = (value if isinstance(value, Mapping) else {} for value in (one, other))
    for key in {**mine, **its}:
        if (found := mine.get(key)) != (its_found := its.get(key)):
            yield from _between(what, found, its_found, *where, str(key))
            return
    yield Differs(what, where, one, other)


def _told(value: object) -> str | None:
    """A value for the log: numbers, levels, kinds. Texts may be of a person: they are not told."""
    if value is None:
        return "nothing"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, frozenset) and value <= _LIVE:
        return " and ".join(sorted(value)) or "none"
    return value if isinstance(value, str) and value in HEAT else None


_OTHERWISE: Mapping[str, Callable[[Account], Any]] = {
    "ids": lambda account: (account.ids.hashes, account.ids.stamps, account.ids.evicted),
    "kinds": lambda account: {
        kind: {
            "reference": state.ref,
            "points": dict(enumerate(state.facets.values())),  # by place: the facet may be what a person is called
            "facets": [*state.facets],
            "evidence": state.evidence,
        }
        for kind, state in account.kinds.items()
    },
    "order of kinds": lambda account: [*account.kinds],
    "people": lambda account: [*account.people.items()],
    "upper_bound": lambda _: None,
    "upper_bound_stamp": lambda _: None,
}


def _fields(stored: bytes, policy: Policy) -> dict[str, Any]:
    account = state.decode(stored)
    account.ids.forget_expired(account.now, policy.kinds)
    own = {name: getattr(account, name) for name in Account.__slots__}
    return own | {name: of(account) for name, of in _OTHERWISE.items()}
