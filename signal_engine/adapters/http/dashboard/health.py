"""The health strip: every figure out of what the lookout has; what is not known is a dash."""

from typing import Any, Final

from signal_engine.adapters.http.api.probes import SILENT_AFTER, publication_age
from signal_engine.adapters.http.dashboard.words import minute
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.kinds import KINDS
from signal_engine.engine.read_model.health import OUTCOMES
from signal_engine.engine.read_model.snapshot import Lookout
from signal_engine.wire.output.lists import STALE_AFTER
from signal_engine.wire.output.words import distance, signal_type

_DASH: Final = "\N{EN DASH}"


def health_strip(lookout: Lookout) -> dict[str, Any]:
    """What the strip shows, and notices of what is not as it should be."""
    health, now, published = lookout.health, lookout.clock(), publication_age(lookout)
    silent = published is not None and published > SILENT_AFTER
    behind = None if health.read_until is None else max(0, now - health.read_until)
    total = sum(health.counts.get(outcome, 0) for outcome in OUTCOMES)
    refused = health.counts.get("rejected", 0)
    return {
        "live": not (lookout.trouble or silent or published is None),
        "state": _state(lookout, published, silent=silent),
        "published": _DASH if published is None else f"{distance(published)} ago",
        "per_second": _DASH if health.per_second is None else f"{health.per_second:,.1f}",
        "behind": _DASH if behind is None else distance(behind),
        "late": behind is not None and behind > STALE_AFTER,
        "refused": f"{refused:,} of {total:,}" + (f" ({refused / total:.1%})" if total else ""),
        "sources": [
            {
                "kind": signal_type(kind),
                "age": distance(max(0, now - last)) if (last := health.last_events.get(topic)) else _DASH,
            }
            for kind, topic in zip(KINDS, lookout.topics, strict=True)
        ],
        "notices": list(_notices(lookout, silent=silent)),
    }


def _state(lookout: Lookout, published: int | None, *, silent: bool) -> str:
    if lookout.trouble:
        return "Redis is unreachable"
    if published is None:
        return "Nothing published yet"
    if silent:
        return "Stopped"
    return "Stale" if lookout.served()[ALL].listed["stale"] else "Live"


def _notices(lookout: Lookout, *, silent: bool) -> list[dict[str, str]]:
    notices = []
    if lookout.trouble:
        notices.append({"title": "Redis is unreachable.", "text": "What you see is as it was. It is tried again."})
    elif silent:
        at = minute(lookout.lists[ALL].listed["generated_at"])
        text = f"The last list is of {at} UTC, and scores are as of then. Is a worker running?"
        notices.append({"title": "The engine has stopped publishing.", "text": text})
    elif (listed := lookout.served()[ALL].listed)["stale"]:
        text = f"Signals have been read up to {minute(listed['complete_until'])} UTC; newer ones are not counted yet."
        notices.append({"title": "The lists are behind.", "text": text})
    for one in lookout.health.paused:
        text = f"{one.why[0].upper()}{one.why[1:]}; the others go on."
        notices.append({"title": f"{one.topic}/{one.partition} is paused.", "text": text})
    return notices
