"""The health of the engine: its figures for the page Health, and the one line that every page has about a fault."""

from typing import Any, Final

from signal_engine.adapters.http.api.probes import SILENT_AFTER_MS, publication_age
from signal_engine.adapters.http.dashboard.words import minute, since
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.kinds import KINDS
from signal_engine.engine.ports.counters import OUTCOMES, REJECTED
from signal_engine.engine.read_model.rules_now import reviews_passed
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.lists import STALE_AFTER_MS
from signal_engine.wire.output.words import distance, signal_type
from signal_engine.wire.storage.in_force import PublishedBy, VersionPublished

_DASH: Final = "\N{EN DASH}"


def health_of(store_snapshot: StoreSnapshot) -> dict[str, Any]:
    """The figures, and all that is wrong; unknown figures are a dash."""
    health, now, published = store_snapshot.health, store_snapshot.clock(), publication_age(store_snapshot)
    behind = None if health.read_until is None else max(0, now - health.read_until)
    total = sum(health.counts.get(outcome, 0) for outcome in OUTCOMES)
    refused = health.counts.get(REJECTED, 0)
    return {
        "live": not (store_snapshot.trouble or published is None or _is_silent(store_snapshot)),
        "state": _state(store_snapshot),
        "published": _DASH if published is None else since(published),
        "per_second": _DASH if health.per_second is None else f"{health.per_second:,.1f}",
        "behind": _DASH if behind is None else distance(behind),
        "late": behind is not None and behind > STALE_AFTER_MS,
        "refused": f"{refused:,} of {total:,}" + (f" ({refused / total:.1%})" if total else ""),
        "rules": _rules(store_snapshot),
        "sources": [
            {
                "kind": signal_type(kind),
                "age": since(max(0, now - last)) if (last := health.last_events.get(topic)) else _DASH,
            }
            for kind, topic in zip(KINDS, store_snapshot.topics, strict=True)
        ],
        "faults": _faults(store_snapshot),
    }


def fault_of(store_snapshot: StoreSnapshot) -> dict[str, Any] | None:
    """The gravest fault, with the number of others (`more`); None while nothing is wrong."""
    faults = _faults(store_snapshot)
    return {**faults[0], "more": len(faults) - 1} if faults else None


def _is_silent(store_snapshot: StoreSnapshot) -> bool:
    """Whether the engine has stopped publishing."""
    published = publication_age(store_snapshot)
    return published is not None and published > SILENT_AFTER_MS


def _state(store_snapshot: StoreSnapshot) -> str:
    if store_snapshot.trouble:
        return "Redis is unreachable"
    if publication_age(store_snapshot) is None:
        return "Nothing published yet"
    if _is_silent(store_snapshot):
        return "Stopped"
    return "Stale" if store_snapshot.served()[ALL].listed["stale"] else "Live"


def _rules(store_snapshot: StoreSnapshot) -> list[dict[str, str]]:
    """What was published and is in force, since when and by whom: the scoring file, then the ICPs."""
    rules, published = store_snapshot.agreed.rules, store_snapshot.published
    found: list[tuple[str, str, PublishedBy | VersionPublished | None]] = [
        (f"ICP {icp.icp}", f"version {icp.version}", icp.published) for icp in store_snapshot.agreed.icps
    ]
    if rules is not None:
        found.insert(0, ("Scoring file", rules.config_version, published))
    return [
        {
            "rule": rule,
            "version": version,
            "since": f"since {minute(format_instant(by.at))} UTC, by {by.by}",
            "why": by.reason,
        }
        for rule, version, by in found
        if by is not None
    ]


def _faults(store_snapshot: StoreSnapshot) -> list[dict[str, str]]:
    """What is wrong and what it means for whoever reads a page, gravest first."""
    faults = []
    if store_snapshot.trouble:
        faults.append(
            {"title": "Redis is unreachable.", "text": "This page may be out of date; the connection is retried."}
        )
    elif _is_silent(store_snapshot):
        at = minute(store_snapshot.lists[ALL].listed["generated_at"])
        text = f"Lists and scores are as of {at} UTC. Is a worker running?"
        faults.append({"title": "The engine has stopped publishing.", "text": text})
    elif (listed := store_snapshot.served()[ALL].listed)["stale"]:
        text = f"Signals have been read up to {minute(listed['complete_until'])} UTC; newer ones do not count yet."
        faults.append({"title": "The lists are behind.", "text": text})
    for one in store_snapshot.health.paused:
        text = f"{one.why[0].upper()}{one.why[1:]}; the other topic-partitions continue."
        faults.append({"title": f"{one.topic}/{one.partition} is paused.", "text": text})
    faults += [
        {"title": "A review is due.", "text": f"{warning}. Until then it goes on deciding."}
        for warning in reviews_passed(store_snapshot.agreed.icps, store_snapshot.clock())
    ]
    return faults
