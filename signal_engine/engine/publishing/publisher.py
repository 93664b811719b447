"""Publishes the lists: the leader evaluates them every two seconds and publishes those that changed.

A list is published when something other than its decaying numbers changed, when a printed score moved by 0.1, and
after a minute in any case. Publication is one transaction of the publisher's own partition, so a list, its entries
and the tombstones of accounts that left go together, and of two publishers only one succeeds. The transaction's views
hold what was published: the next publisher reads them.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import orjson

from signal_engine.core.actions.in_force import InForce
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.instants import start_of_day
from signal_engine.core.score.snapshot import AccountSnapshot
from signal_engine.engine.actions.hidden import decided_of
from signal_engine.engine.actions.overlay import overlay_of
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.partition.damage import damages_of
from signal_engine.engine.ports.controls import FIT_VERSION, SCORING_SEQUENCE
from signal_engine.engine.ports.log_events.partitions import ListRetired, ListsResumed, ListsWaiting, PublicationRefused
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.ports.transaction import PUBLISHER, Applied, Outbox, Outgoing, Transaction
from signal_engine.engine.ports.views import LIST_NAMES, READ_UNTIL, ViewName, published_list
from signal_engine.engine.publishing.held_entries import HeldEntries
from signal_engine.engine.publishing.past_ranks import PastRanks, snapshot_instant
from signal_engine.engine.publishing.published_lists import PublishedList, read_back
from signal_engine.engine.publishing.removals import hidden_on, shortened
from signal_engine.engine.publishing.top_n import RankedAccount, Top, ranks
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output import entries, lists
from signal_engine.wire.output.models import Entry, PriorityList
from signal_engine.wire.storage.kept_json import kept
from signal_engine.wire.storage.rank_snapshots import RankSnapshot

_PUBLISH_AT_LATEST_MS: Final = 60_000
"""ms after which a list is published again although nothing changed."""


class _MadeEntry(NamedTuple):
    """An entry that was made in this poll, and of what."""

    snapshot: AccountSnapshot
    entry: Entry


class Publisher:
    """Publishes the lists of one engine. Two at once do no harm: one transaction is applied, the other conflicts."""

    def __init__(self, context: EngineContext, partitions: int) -> None:
        self._context = context
        self._partitions = range(partitions)
        self._top = Top(context.bare.store)
        self._held = HeldEntries(context, self._partitions, self._top)
        self._published: dict[str, PublishedList] | None = None
        self._counter = 0
        self._past = PastRanks(context.bare.store)
        self._waits_for: str | None = None

    async def poll(self, now: int) -> int:
        """Evaluate every list at `now` (ms), publish those that are due, and return how many.

        If the store fails meanwhile, the next poll begins with what is stored.
        """
        try:
            return await self._poll(now)
        except BaseException:
            self._published = None
            self._past.forget()
            raise

    async def _poll(self, now: int) -> int:
        if self._published is None:
            await self._recall()
        complete_until = await self._complete_until()
        if complete_until is None:
            return await self._remove_hidden(now)
        names = [ALL, *(icp.icp for icp in self._context.fit.icps)] if self._context.fit else [ALL]
        if self._context.takes_actions:
            overlay = await overlay_of(self._context.bare.store, self._partitions, now)
            self._top.hide(overlay, self._context.partition_of)
        before = await self._ranks_at_midnight(names, now, complete_until)
        found = {name: await self._held.of(name, now) for name in names}
        if await self._complete_until() is None:  # a list of two fit tables would be one of neither
            return await self._remove_hidden(now)
        await self._check_partitions()
        published, made = 0, dict[str, _MadeEntry]()
        for name, places in found.items():
            past = self._context.control_group.closed_up(before.get(name, {}), now, (one.account for one in places))
            its_entries = [_entry(place, rank, past, made) for rank, place in enumerate(places, 1)]
            ahead = any(place.snapshot.score.at > now for place in places)
            published += await self._publish(name, its_entries, now, complete_until, ahead=ahead)
            await self._held.serve(name, places, now)
        for name in [name for name in self._published or () if name not in names]:
            await self._retire(name, now)
        return published

    async def _recall(self) -> None:
        """Learn what was published, also by others, and serves what they could not serve any more."""
        await self._held.agree()
        store = self._context.bare.store
        self._counter = (await store.positions(PUBLISHER)).counter
        (names,) = await store.views(PUBLISHER, [LIST_NAMES])
        await self._context.check_generation()  # after it: a store that was emptied knows nothing, and has no mark
        if names is None and self._context.output is not None:
            self._published = await self._read_back()
            return
        known: list[str] = orjson.loads(names) if names else []
        views = await store.views(PUBLISHER, [published_list(name) for name in known])
        self._published = {}
        for name, view in zip(known, views, strict=True):
            self._published[name] = PublishedList(orjson.loads(view) if view else None)
            if view:
                await self._context.bare.controls.serve(name, self._published[name].version, view)

    async def _read_back(self) -> dict[str, PublishedList]:
        """What readers have, where nothing was published in this generation yet: only who left gets a tombstone."""
        context, published = self._context, {}
        if context.output is not None:
            for name, (listed, its_entries) in (await read_back(context.output, context.topics)).items():
                published[name] = one = PublishedList(listed)
                one.entries = its_entries
                if (served := await context.bare.controls.served(name)) is not None:
                    one.least_version = orjson.loads(served)["version"]
                    if listed and listed["version"] == one.least_version:  # else one of the two kinds of readers lags
                        one.at = parse_instant(listed["generated_at"])
        return published

    async def _complete_until(self) -> int | None:
        """Up to when (ms) all topics have been read; None while the partitions and we do not have the same in force."""
        store, rules, fit = self._context.bare.store, self._context.rules, self._context.fit
        in_force = (fit.version if fit else 0, rules.sequence)
        behind, until = [], []
        for number in self._partitions:
            reached = (await store.positions(number)).topics
            if (reached.get(FIT_VERSION, 0), reached.get(SCORING_SEQUENCE, 0)) != in_force:
                behind.append(number)
            (view,) = await store.views(number, [READ_UNTIL])
            until.append(int(view) if view else 0)
        waits_for = ",".join(map(str, behind)) or None
        if waits_for != self._waits_for:
            self._waits_for = waits_for
            self._context.event_log.write(ListsWaiting(partitions=waits_for) if waits_for else ListsResumed())
        return None if behind else min(until)

    async def _check_partitions(self) -> None:
        """Raises `Damaged` where what was just read is not what transactions wrote: a list of that takes accounts away.

        Their owners check every second; a list would be published before. What was damaged when it was read
        still is: no transaction mends it.
        """
        context = self._context
        for number in self._partitions:
            if damages := await damages_of(*context.bare, number):
                await context.check_generation()  # one that is outdated is dropped key by key
                raise Damaged(number, damages)

    async def _ranks_at_midnight(
        self, names: Sequence[str], now: int, complete_until: int
    ) -> Mapping[str, Mapping[str, int]]:
        """Ranks at the last 00:00 UTC. Those of the last half-hour are kept, too, for whoever lives elsewhere.

        Nothing is known of an instant that has not been reached.
        """
        midnight, past = start_of_day(now), self._past
        for instant in (midnight, snapshot_instant(min(now, complete_until))):
            if instant > complete_until or await past.has(instant):
                continue
            taken = RankSnapshot(instant, {name: ranks(await self._held.of(name, instant)) for name in names})
            if not await self._commit(views=past.views(taken)):
                return taken.ranks if instant == midnight else {}
            past.forget()
        at_midnight = await past.of(midnight) if midnight <= complete_until else None
        return at_midnight.ranks if at_midnight else {}

    async def _publish(
        self, name: str, its_entries: Sequence[Entry], now: int, complete_until: int, *, ahead: bool
    ) -> int:
        """Publish a list if it is due; 1 if it was published."""
        if self._published is None:
            return 0
        published = self._published.setdefault(name, PublishedList())
        shown = [*map(entries.brief, its_entries)]
        version = max(published.version + 1, now)
        listed = lists.priority_list(name, version, now, complete_until, self._context.rules.config_version, shown)
        due = not 0 <= now - published.at < _PUBLISH_AT_LATEST_MS  # also once a clock was put back
        corrects = published.ahead and not ahead
        if not due and not corrects and not _differs(published.listed, listed):
            return 0
        full = {entry["account_id"]: entry for entry in its_entries}
        changed = {a: e for a, e in full.items() if due or lists.differs(published.entries.get(a), e)}
        record = lists.encode(listed)
        records = [Outgoing(self._context.topics.lists, name, record), *self._entry_records(name, changed)]
        records += self._entry_records(name, dict.fromkeys(sorted(published.accounts - full.keys())))
        known = sorted(self._published)
        if not await self._commit(records, {published_list(name): record, LIST_NAMES: orjson.dumps(known)}):
            return 0
        published.listed, published.at = listed, now if due else published.at
        published.ahead = ahead
        published.entries = {account: changed.get(account) or published.entries[account] for account in full}
        self._context.reached("during_publication")
        await self._context.bare.controls.serve(name, version, record)
        self._context.reached("after_publication")
        return 1

    async def _remove_hidden(self, now: int) -> int:
        """While lists wait, only take accounts off that people have hidden; return how many lists are shorter by that.

        What has been applied counts beside what has only been seen: either may be all that there is of an action.
        """
        published, hidden, shorter = self._published or {}, dict[str, InForce](), 0
        if self._context.takes_actions:
            listed = {account for one in published.values() for account in one.accounts}
            hidden = await decided_of(self._context.bare.store, self._context.partition_of, listed, now)
        for name, one in [*published.items()] if hidden else ():
            if one.listed is None or not (gone := hidden_on([*one.listed["entries"], *one.entries.values()], hidden)):
                continue
            left = shortened(one.listed, gone, max(one.version + 1, now))
            record = lists.encode(left)
            records = [Outgoing(self._context.topics.lists, name, record)]
            records += self._entry_records(name, dict.fromkeys(gone))
            if not await self._commit(records, {published_list(name): record}):
                break
            one.listed, one.at = left, 0  # the ranks of the others are told with the next whole list
            one.entries = {account: entry for account, entry in one.entries.items() if account not in gone}
            await self._context.bare.controls.serve(name, left["version"], record)
            shorter += 1
        return shorter

    async def _retire(self, name: str, now: int) -> None:
        """A list whose ICP is no longer in force gets tombstones, for itself and its entries."""
        if self._published is None:
            return
        published = self._published[name]
        gone = self._entry_records(name, dict.fromkeys(sorted(published.accounts)))
        left = sorted(self._published.keys() - {name})
        records = [Outgoing(self._context.topics.lists, name, None), *gone]
        withdrawn = {published_list(name): None, LIST_NAMES: orjson.dumps(left)}
        if await self._commit(records, withdrawn) and self._published is not None:
            del self._published[name]
            await self._context.bare.controls.retire(name, max(published.version + 1, now))
            await self._held.serve(name, None, now)
            self._context.event_log.write(ListRetired(list=name))

    def _entry_records(self, name: str, entries_by_account: dict[str, Entry] | dict[str, None]) -> list[Outgoing]:
        topic = self._context.topics.accounts
        return [
            Outgoing(topic, f"{name}/{account}", None if entry is None else kept(entry))
            for account, entry in entries_by_account.items()
        ]

    async def _commit(
        self, records: Sequence[Outgoing] = (), views: Mapping[ViewName, bytes | None] | None = None
    ) -> bool:
        """Writes a transaction of the publisher; False when another one has published, and then all is forgotten."""
        outbox = {Outbox.LISTS: records} if records else {}
        self._context.reached("before_publication")
        answer = await self._context.bare.store.apply(
            Transaction(partition=PUBLISHER, counter=self._counter, outbox=outbox, views=views or {})
        )
        if isinstance(answer, Applied):
            self._counter = answer.counter
            return True
        self._context.event_log.write(PublicationRefused(conflict=answer.conflict))
        self._published = None
        self._past.forget()
        return False


def _differs(before: PriorityList | None, after: PriorityList) -> bool:
    """Whether a list is to be published again, apart from its time."""
    if before is None or len(before["entries"]) != len(after["entries"]):
        return True
    if (before["stale"], before["config_version"]) != (after["stale"], after["config_version"]):
        return True
    return any(map(lists.differs, before["entries"], after["entries"]))


def _entry(place: RankedAccount, rank: int, before: Mapping[str, int], made: dict[str, _MadeEntry]) -> Entry:
    """The whole entry of a place; made once per account and poll, since most of it is the same on every list."""
    account = place.account
    if (known := made.get(account)) is not None and known.snapshot is place.snapshot:
        return entries.elsewhere(known.entry, place.ordered, rank, before.get(account))
    entry = entries.entry(place.ordered, rank, before.get(account), place.snapshot, place.fit)
    made[account] = _MadeEntry(place.snapshot, entry)
    return entry
