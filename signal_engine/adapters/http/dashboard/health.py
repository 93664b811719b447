"""The health strip: figures from the store snapshot; unknown ones are a dash."""

from typing import Any, Final

from signal_engine.adapters.http.api.probes import SILENT_AFTER_MS, publication_age
from signal_engine.adapters.http.dashboard.words import minute
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.kinds import KINDS
from signal_engine.engine.ports.counters import OUTCOMES, REJECTED
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.output.lists import STALE_AFTER_MS
from signal_engine.wire.output.words import distance, signal_type

_DASH: Final = "\N{EN DASH}"


def health_strip(store_snapshot: StoreSnapshot) -> dict[str, Any]:
    """The figures of the strip, and notices about problems."""
    health, now, published = store_snapshot.health, store_snapshot.clock(), publication_age(store_snapshot)
    silent = published is not None and published > SILENT_AFTER_MS
    behind = None if health.read_until is None else max(0, now - health.read_until)
    total = sum(health.counts.get(outcome, 0) for outcome in OUTCOMES)
    refused = health.counts.get(REJECTED, 0)
    return {
        "live": not (store_snapshot.trouble or silent or published is None),
        "state": _state(store_snapshot, published, silent=silent),
        "published": _DASH if published is None else f"{distance(published)} ago",
        "per_second": _DASH if health.per_second is None else f"{health.per_second:,.1f}",
        "behind": _DASH if behind is None else distance(behind),
        "late": behind is not None and behind > STALE_AFTER_MS,
        "refused": f"{refused:,} of {total:,}" + (f" ({refused / total:.1%})" if total else ""),
        "sources": [
            {
                "kind": signal_type(kind),
                "age": distance(max(0, now - last)) if (last := health.last_events.get(topic)) else _DASH,
            }
            for kind, topic in zip(KINDS, store_snapshot.topics, strict=True)
        ],
        "notices": list(_notices(store_snapshot, silent=silent)),
    }


def _state(store_snapshot: StoreSnapshot, published: int | None, *, silent: bool) -> str:
    if store_snapshot.trouble:
        return "Redis is unreachable"
    if published is None:
        return "Nothing published yet"
    if silent:
        return "Stopped"
    return "Stale" if store_snapshot.served()[ALL].listed["stale"] else "Live"


def _notices(store_snapshot: StoreSnapshot, *, silent: bool) -> list[dict[str, str]]:
    notices = []
    if store_snapshot.trouble:
        notices.append(
            {"title": "Redis is unreachable.", "text": "This page may be out of date; the connection is retried."}
        )
    elif silent:
        at = minute(store_snapshot.lists[ALL].listed["generated_at"])
        text = f"Lists and scores are as of {at} UTC. Is a worker running?"
        notices.append({"title": "The engine has stopped publishing.", "text": text})
    elif (listed := store_snapshot.served()[ALL].listed)["stale"]:
        text = f"Signals have been read up to {minute(listed['complete_until'])} UTC; newer ones do not count yet."
        notices.append({"title": "The lists are behind.", "text": text})
    for one in store_snapshot.health.paused:
        text = f"{one.why[0].upper()}{one.why[1:]}; the other topic-partitions continue."
        notices.append({"title": f"{one.topic}/{one.partition} is paused.", "text": text})
    return notices
