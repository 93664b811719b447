"""What has changed on a list since an instant: who entered, who left and why, who moved up and down."""

from signal_engine.engine.publishing.past_ranks import ranks_since
from signal_engine.engine.read_model.account_view import AccountView, Agreed
from signal_engine.engine.read_model.list_cache import CachedList
from signal_engine.engine.read_model.whose import Person, concerns
from signal_engine.wire.instants import ZoneDay, format_instant
from signal_engine.wire.output.api_documents import AccountNow
from signal_engine.wire.output.change_documents import DayChange, DayChanges
from signal_engine.wire.output.models import Entry
from signal_engine.wire.output.words import sentence


async def list_moves(
    view: AccountView, agreed: Agreed, one: CachedList, now: int, day: ZoneDay, person: Person | None = None
) -> DayChanges:
    """The moves of the list's accounts, or of those that concern `person`, from the start of `day` to `now` (ms).

    Who left is read from the store and explained, one account after the other. Raises `StoreTrouble`.
    """
    kept = await ranks_since(view.store, day.start)
    past = None if kept is None else kept.ranks.get(one.name)
    before = None if past is None else agreed.control_group.closed_up(past, now, one.ranks)
    moves: DayChanges = {
        "list": one.name,
        "version": one.version,
        "zone": day.zone,
        "day": format_instant(day.start),
        "since": None if kept is None or before is None else format_instant(kept.at),
        "entered": [],
        "left": [],
        "up": [],
        "down": [],
    }
    if before is None:
        return moves
    for entry in one.entries:
        rank = before.get(entry["account_id"])
        if rank == entry["rank"] or (person is not None and not concerns(entry, person)):
            continue
        way = moves["entered"] if rank is None else moves["up"] if entry["rank"] < rank else moves["down"]
        way.append(_of_entry(entry, rank))
    for account in sorted(before.keys() - one.ranks.keys(), key=lambda name: before[name]):
        explained = await view.explain(account, now, agreed)
        if explained is not None and (person is None or concerns(explained, person)):
            moves["left"].append(_of_one_that_left(explained, one.name, before[account]))
    return moves


def _of_entry(entry: Entry, before: int | None) -> DayChange:
    return {
        "account_id": entry["account_id"],
        "name": entry["name"],
        "owner": entry["owner"],
        "sdr": entry["sdr"],
        "claimed_by": entry["claimed_by"],
        "rank": entry["rank"],
        "previous_rank": before,
        "why": entry["why_now"],
    }


def _of_one_that_left(explained: AccountNow, name: str, before: int) -> DayChange:
    why = next((place["why_not_in_words"] for place in explained["lists"] if place["list"] == name), None)
    return {
        "account_id": explained["account_id"],
        "name": explained["name"],
        "owner": explained["owner"],
        "sdr": explained["sdr"],
        "claimed_by": explained["claimed_by"],
        "rank": None,
        "previous_rank": before,
        "why": sentence(why) or None,
    }
