"""Kept JSON takes the memory of its bytes."""

import tracemalloc

import orjson

from signal_engine.wire.storage.kept_json import kept

SIGNAL = ("made-up-12345", "intent", 1_790_000_000_000, 12.34, "crm", "https://signals.example.com/1")
MANY = 1_000


def test_it_takes_little_more_than_its_bytes() -> None:
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        records = [kept(SIGNAL) for _ in range(MANY)]
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert records[0] == orjson.dumps(SIGNAL)
    assert (after - before) / MANY < len(records[0]) + 64  # of every object, of the list
