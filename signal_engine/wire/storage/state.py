"""An account's state as bytes, and back. Lossless: a decoded state gives exactly the same decisions.

Layout, version 3 (little endian): one byte version, four bytes length of the JSON, the JSON (a list, fields in the
order of `_pack`), then the evidence of each kind as JSON, whose lengths are in the list, then 8 bytes hash per
remembered id, then 8 bytes stamp per remembered id. What varies is JSON, since in Python orjson is faster than
`struct`; ids are flat bytes, since there are many. Versions 1 and 2 are of release 0.1, whose scores differ: they are
refused with the advice to rebuild.

Evidence is most of a state, and an event changes that of only one kind. So it is decoded on demand and encoded only if
it changed: with 20 signals in six kinds, decoding takes 9 us instead of 16, a saving of an eighth of the event's cost.
"""

import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Any, Final

import orjson

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.rules.kinds import KIND_OF_NUMBER, LIVE_STORED_NUMBER, STORED_NUMBER
from signal_engine.core.rules.policy import HEAT, Level
from signal_engine.core.score.account import Account, HandRaise, Person
from signal_engine.core.score.kind_state import Evidence, KindState, new_evidence
from signal_engine.core.score.remembered import HASH_BYTES, RememberedIds
from signal_engine.wire.storage.kept_json import kept

VERSION: Final = 3
_HEAD: Final = 5
_LEVELS: Final[dict[int, Level]] = {number: level for level, number in HEAT.items()}
_NO_LEVEL: Final = -1
_WITHOUT_ALIAS: Final = len(Evidence._fields) - 1
_BIG_ENDIAN: Final = sys.byteorder == "big"


class UnknownStateVersion(SignalEngineError, ValueError):
    """The bytes are not a state that this engine reads."""

    exit_code = WRONG_USE


class _PackedEvidence:
    """Evidence of one kind as JSON; a `core.score.kind_state.StoredEvidence`."""

    __slots__ = ("json",)

    def __init__(self, json: bytes) -> None:
        self.json = json

    def read(self) -> tuple[Evidence, ...]:
        """The decoded evidence."""
        return _evidence(orjson.loads(self.json))


def encode(account: Account) -> bytes:
    """The state of `account`: about 120 bytes, plus 200 per kept piece of evidence and 16 per remembered id.

    Newly encoded evidence stays in the account, so that it need not be encoded next time.
    """
    kinds, evidence = [], []
    for kind, state in account.kinds.items():
        stored = state.stored
        if type(stored) is not _PackedEvidence:
            stored = _PackedEvidence(kept([*map(_packed_evidence, state.evidence)]))
            state.store_evidence(stored)
        evidence.append(stored.json)
        kinds.append((STORED_NUMBER[kind], state.ref, state.facets, len(stored.json)))
    body = orjson.dumps(_pack(account, kinds))
    ids = account.ids
    head = bytes((VERSION,)) + len(body).to_bytes(4, "little")
    return b"".join((head, body, *evidence, bytes(ids.hashes), _little(ids.stamps).tobytes()))


def decode(state: bytes) -> Account:
    """The account in `state`. Raises `UnknownStateVersion`, also for truncated bytes."""
    if not state or state[0] != VERSION:
        raise UnknownStateVersion(
            f"state of version {state[0] if state else 'none'}; this engine reads {VERSION}: `signal-engine rebuild`"
            " makes states anew out of the topics"
        )
    end = _HEAD + int.from_bytes(state[1:_HEAD], "little")
    try:
        account, ids, evicted, kinds = _unpack(orjson.loads(state[_HEAD:end]))
    except ValueError as error:
        raise UnknownStateVersion("state that is cut short or damaged") from error
    for number, ref, facets, evidence in kinds:
        begin, end = end, end + evidence
        account.kinds[KIND_OF_NUMBER[number]] = KindState(ref, facets, stored=_PackedEvidence(state[begin:end]))
    middle = end + ids * HASH_BYTES
    if len(state) != middle + ids * HASH_BYTES:
        raise UnknownStateVersion("state with evidence or remembered ids cut short")
    account.ids = RememberedIds(state[end:middle], _little(array("q", state[middle:])), evicted)
    return account


def _pack(account: Account, kinds: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [
        account.now,
        account.upper_bound,
        account.upper_bound_stamp,
        account.last_signal_at,
        account.weighty_at,
        HEAT[account.level],
        _NO_LEVEL if account.previous_level is None else HEAT[account.previous_level],
        account.since,
        account.episode,
        account.episode_began,
        account.alerted,
        _mask(account.named),
        sorted(account.named_personas),
        account.last_alert_at,
        _mask(account.last_alert_kinds),
        account.last_trigger_at,
        account.hand_raised,
        _packed_raise(account.hand_raise),
        account.raise_applied_at,
        account.answered_at,
        len(account.ids),
        account.ids.evicted,
        {persona: (person.at, person.called) for persona, person in account.people.items()},
        kinds,
    ]


def _unpack(packed: list[Any]) -> tuple[Account, int, int, list[Any]]:
    account = Account.__new__(Account)  # every field is set here or by the caller: 0.6 us
    (
        account.now,
        account.upper_bound,
        account.upper_bound_stamp,
        account.last_signal_at,
        account.weighty_at,
        level,
        previous,
        account.since,
        account.episode,
        account.episode_began,
        account.alerted,
        named,
        named_personas,
        account.last_alert_at,
        last_alert_kinds,
        account.last_trigger_at,
        account.hand_raised,
        hand_raise,
        account.raise_applied_at,
        account.answered_at,
        ids,
        evicted,
        people,
        kinds,
    ) = packed
    account.holds_until = BEGINNING
    account.level = _LEVELS[level]
    account.previous_level = None if previous == _NO_LEVEL else _LEVELS[previous]
    account.named = _live(named)
    account.named_personas = frozenset(named_personas)
    account.last_alert_kinds = _live(last_alert_kinds)
    account.hand_raise = None if hand_raise is None else _hand_raise(*hand_raise)
    account.people = {persona: Person(at, called) for persona, (at, called) in people.items()}
    account.kinds = {}
    return account, ids, evicted, kinds


def _packed_evidence(evidence: Evidence) -> tuple[Any, ...]:
    """Its fields; without the alias, which hardly any signal has, where there is none."""
    return tuple(evidence) if evidence.alias is not None else evidence[:_WITHOUT_ALIAS]


def _one_evidence(packed: Sequence[Any]) -> Evidence:
    return new_evidence((*packed, None) if len(packed) == _WITHOUT_ALIAS else packed)


def _evidence(evidence: Iterable[Sequence[Any]]) -> tuple[Evidence, ...]:
    return tuple(map(_one_evidence, evidence))


def _packed_raise(raised: HandRaise | None) -> tuple[Any, ...] | None:
    return (
        None
        if raised is None
        else (raised.at, STORED_NUMBER[raised.kind], raised.persona, _packed_evidence(raised.evidence))
    )


def _hand_raise(at: int, kind: int, persona: str, evidence: Sequence[Any]) -> HandRaise:
    return HandRaise(at, KIND_OF_NUMBER[kind], persona, _one_evidence(evidence))


def _mask(live: frozenset[str]) -> int:
    return sum(1 << LIVE_STORED_NUMBER[one] for one in live) if live else 0


def _live(mask: int) -> frozenset[str]:
    return frozenset(one for one, number in LIVE_STORED_NUMBER.items() if mask >> number & 1) if mask else frozenset()


def _little(stamps: "array[int]") -> "array[int]":
    if _BIG_ENDIAN:
        stamps = array("q", stamps)
        stamps.byteswap()
    return stamps
