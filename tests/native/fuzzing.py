"""Fuzzing of the native part: what it begins with, and Python's word on what it found.

    python -m tests.native.fuzzing seeds FOLDER      a folder per target of `native/fuzz`, made of today's code
    python -m tests.native.fuzzing compare FOLDER    exit 1 where the native part takes an input otherwise than Python

Seeds are events good and bad, stored states with signals behind them, and batches of Kafka's records. What is compared
is whatever reached new code: each such input is read by the installed native part and by Python, batches by aiokafka.
"""

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from bench.live.loads import LOADS, events
from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.adapters.native.reader import load, native_reader
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import KindState
from signal_engine.wire.events.decode import python_decoder, python_line
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.storage import state
from tests.bad_input import corpus
from tests.native.test_judging import GROUP, SHIPPED
from tests.native.walking.record_batches import ATTRIBUTES, HEAD, NO_CODEC, mended, packed, same
from tests.native.walking.test_walking import HOSTILE, KINDS_OF_BATCH
from tests.wire.events.records import NOW

MANY_BAD: Final = 400
LIVES: Final = 40
SIGNAL_BYTES: Final = 12
"""As `states.rs` takes a signal at the end of its input."""
MOST_SIGNALS: Final = 7
TARGETS: Final = ("events", "states", "walk")
_HEAD: Final = 5
_MAGIC: Final = 16
_PLAIN: Final = 0xD8
"""Of the attributes: neither packed nor a marker."""


def of_events() -> Iterator[bytes]:
    """Records: the examples, a load, the corpus of bad input."""
    for kind in KINDS:
        yield from (json.dumps({**example, "kind": kind}).encode() for example in EVENTS[kind])
    yield from (one.value for one in events(LOADS["hot"], 200, 1, NOW))
    yield from (bad.value for bad in corpus(1, MANY_BAD, NOW) if bad.value)


def of_states() -> Iterator[bytes]:
    """Stored states as accounts grow, each with as many signals as its last byte says."""
    dice = random.Random(1)
    for life in range(LIVES):
        for stored in _states_of_a_life(ScoringContext((SHIPPED, GROUP)[life % 2], 6), dice):
            many = dice.randrange(MOST_SIGNALS + 1)
            yield stored + dice.randbytes(many * SIGNAL_BYTES) + bytes([many << 1 | 1])


def _states_of_a_life(context: ScoringContext, dice: random.Random) -> Iterator[bytes]:
    account = Account()
    for made in events(LOADS["hot"], 24, 1, NOW, seed=dice.randrange(1 << 20)):
        event = python_decoder(made.kind)(made.value, NOW, ())
        if isinstance(event, Event):
            advance(account, event._replace(account="acme.com"), NOW, None, context)
            yield state.encode(account)


def of_batches() -> Iterator[bytes]:
    """Batches, whole and hostile, whose records are not packed."""
    yield from (packed(NO_CODEC, one, number) for number, one in enumerate(KINDS_OF_BATCH))
    yield from HOSTILE.values()


def compare(folder: Path) -> int:
    """Prints what differs, and how much was compared; the exit code."""
    module, compared = load(), 0
    found = [*_differing_events(module, folder / "events"), *_differing_states(module, folder / "states")]
    found += _differing_batches(module, folder / "walk")
    for target in TARGETS:
        many = len([*(folder / target).iterdir()])
        sys.stdout.write(f"{target}: {many} inputs held against Python\n")
        compared += many
    for what in found:
        sys.stdout.write(f"{what}\n")
    return int(bool(found) or not compared)


def _differing_events(module: ModuleType, folder: Path) -> Iterator[str]:
    reader = native_reader(module)
    for path in sorted(folder.iterdir()):
        value = path.read_bytes()
        for kind in KINDS:
            read = reader.record(kind, value, NOW)
            if read is not None and repr(read) != repr(python_decoder(kind)(value, NOW, ())):
                yield f"{path}: a record of kind {kind} is read otherwise"
        line = reader.line(value)
        if line is not None and repr(line) != repr(python_line(value).verdict):
            yield f"{path}: a line is read otherwise"


def _differing_states(module: ModuleType, folder: Path) -> Iterator[str]:
    judge = NativeJudge(module, ScoringContext(SHIPPED))
    for path in sorted(folder.iterdir()):
        stored = _state_in(path.read_bytes())
        held = judge.hold(stored) if stored else None
        if held is None:
            continue
        try:
            python = _as_compared(state.decode(stored))
        except (SignalEngineError, KeyError, TypeError, ValueError) as error:
            yield f"{path}: Python refuses a state that is held ({type(error).__name__})"
        else:
            if _as_compared(state.decode(held.encode())) != python:
                yield f"{path}: a state is written otherwise"


def _differing_batches(module: ModuleType, folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        batch = bytearray(path.read_bytes())
        if len(batch) < HEAD:
            continue
        batch[8:12] = (len(batch) - 12).to_bytes(4)
        batch[_MAGIC] = 2
        batch[ATTRIBUTES + 1] &= _PLAIN
        try:
            same(module, mended(batch))
        except AssertionError:
            yield f"{path}: a batch is walked otherwise"


def _state_in(value: bytes) -> bytes:
    """The state in an input, as `states.rs` takes it apart."""
    if not value:
        return b""
    many = min(value[-1] >> 1 & MOST_SIGNALS, (len(value) - 1) // SIGNAL_BYTES)
    stored = bytearray(value[: len(value) - 1 - many * SIGNAL_BYTES])
    end = stored.find(b"]]", _HEAD) + 2
    if value[-1] & 1 and end > _HEAD:
        stored[1:_HEAD] = (end - _HEAD).to_bytes(4, "little")
    return bytes(stored)


def _as_compared(account: Account) -> tuple[Any, ...]:
    """All that a state says. A whole number and the same one with a point are one."""
    ids = (account.ids.hashes, account.ids.stamps, account.ids.evicted)
    kinds = [(kind, one.ref, [*one.facets.items()], _json_of(one)) for kind, one in account.kinds.items()]
    others = [getattr(account, name) for name in Account.__slots__ if name not in {"ids", "kinds"}]
    return ids, kinds, others


def _json_of(kind: KindState) -> bytes:
    stored: Any = kind.stored
    return stored.json


def main() -> int:
    """The exit code."""
    command, folder = sys.argv[1], Path(sys.argv[2])
    if command == "compare":
        return compare(folder)
    for target, seeds in zip(TARGETS, (of_events(), of_states(), of_batches()), strict=True):
        (folder / target).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(seeds):
            (folder / target / f"{number:04}").write_bytes(seed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
