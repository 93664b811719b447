"""While lists wait, for another generation or for new rules, only accounts that people hide leave them."""

from collections.abc import Collection, Iterable, Mapping

import orjson

from signal_engine.core.actions.in_force import InForce
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.actions.hidden import decided_of
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.ports.controls import FIT, Controls
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.store import Store
from signal_engine.wire.output import lists
from signal_engine.wire.output.models import Entry, PriorityList
from signal_engine.wire.storage.in_force import FitInForce


async def remove_hidden(context: EngineContext, store: Store, controls: Controls) -> int:
    """Take hidden accounts off the lists that are served, out of the generation of `store`; how many entries left.

    Safe to repeat: an account that is no longer on a list is not taken off again.
    """
    now = context.clock()
    stored = await controls.read(FIT)
    removed = 0
    for name in [ALL, *(icp.icp for icp in FitInForce.decode(stored).icps)] if stored else [ALL]:
        served = await controls.served(name)
        if served is not None:
            listed: PriorityList = orjson.loads(served)
            names = {entry["account_id"] for entry in listed["entries"]}
            hidden = await decided_of(store, context.partition_of, names, now)
            removed += await _remove(context, controls, name, listed, hidden, now)
    return removed


async def _remove(
    context: EngineContext, controls: Controls, name: str, listed: PriorityList, hidden: dict[str, InForce], now: int
) -> int:
    if not (gone := hidden_on(listed["entries"], hidden)):
        return 0
    left = shortened(listed, gone, max(listed["version"] + 1, now))
    record = lists.encode(left)
    topics = context.topics
    tombstones = [ToSend(topics.accounts, None, f"{name}/{account}".encode(), None) for account in gone]
    await context.producer.send([ToSend(topics.lists, None, name.encode(), record), *tombstones])
    await controls.serve(name, left["version"], record)
    return len(gone)


def hidden_on(entries: Iterable[Entry], hidden: Mapping[str, InForce]) -> list[str]:
    """The accounts of those entries that are hidden, sorted; `hidden`: by account, what people decided."""
    return sorted({entry["account_id"] for entry in entries if _is_hidden(entry, hidden)})


def shortened(listed: PriorityList, gone: Collection[str], version: int) -> PriorityList:
    """The list as `version`, without the accounts `gone`; all else is as it was."""
    ranked = [entry.copy() for entry in listed["entries"] if entry["account_id"] not in gone]
    for rank, entry in enumerate(ranked, 1):
        entry["rank"] = rank
    return {**listed, "version": version, "entries": ranked}


def _is_hidden(entry: Entry, hidden: Mapping[str, InForce]) -> bool:
    over = hidden.get(entry["account_id"])
    return over is not None and (over.hidden is not None or entry["icp"] in over.kills)
