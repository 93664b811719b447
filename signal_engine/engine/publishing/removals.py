"""While another generation is built, lists stay as they are, but for accounts that people hide: those leave at once."""

from collections.abc import Iterable

import orjson

from signal_engine.core.actions.in_force import InForce
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.actions.overlay import overlay_of
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.controls import FIT, Controls
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.store import Store
from signal_engine.wire.output import lists
from signal_engine.wire.output.models import Entry, PriorityList
from signal_engine.wire.storage.in_force import FitInForce


async def remove_hidden(context: EngineContext, store: Store, controls: Controls, partitions: Iterable[int]) -> int:
    """Take hidden accounts off the lists that are served, out of the generation of `store`; how many entries left.

    Safe to repeat: an account that is no longer on a list is not taken off again.
    """
    now = context.clock()
    hidden = await overlay_of(store, partitions, now)
    hidden = {name: over for name, over in hidden.items() if over.hidden is not None or over.kills}
    stored = await controls.read(FIT) if hidden else None
    names = [ALL, *(icp.icp for icp in FitInForce.decode(stored).icps)] if stored else [ALL]
    removed = 0
    for name in names if hidden else ():
        served = await controls.served(name)
        if served is not None:
            removed += await _remove(context, controls, name, orjson.loads(served), hidden, now)
    return removed


async def _remove(
    context: EngineContext, controls: Controls, name: str, listed: PriorityList, hidden: dict[str, InForce], now: int
) -> int:
    gone = [entry for entry in listed["entries"] if _is_hidden(entry, hidden)]
    if not gone:
        return 0
    accounts = {entry["account_id"] for entry in gone}
    ranked = [entry.copy() for entry in listed["entries"] if entry["account_id"] not in accounts]
    for rank, entry in enumerate(ranked, 1):
        entry["rank"] = rank
    version = max(listed["version"] + 1, now)
    shorter: PriorityList = {**listed, "version": version, "entries": ranked}
    record = lists.encode(shorter)
    topics = context.topics
    tombstones = [ToSend(topics.accounts, None, f"{name}/{account}".encode(), None) for account in sorted(accounts)]
    await context.producer.send([ToSend(topics.lists, None, name.encode(), record), *tombstones])
    await controls.serve(name, version, record)
    return len(gone)


def _is_hidden(entry: Entry, hidden: dict[str, InForce]) -> bool:
    over = hidden.get(entry["account_id"])
    return over is not None and (over.hidden is not None or entry["icp"] in over.kills)
