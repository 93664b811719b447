"""What a publication changes is what `icp diff` says of the same accounts, read back from where loads wrote them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

from signal_engine.core.fit.icp import Icp
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.reports import publication_diff as module
from signal_engine.engine.reports.icp_diff import icp_diff
from signal_engine.engine.reports.publication_diff import publication_diff
from signal_engine.wire.accounts.row_record import LoadedAccount, write_row
from signal_engine.wire.config.account_columns import CARRIED
from signal_engine.wire.rules.fit_load import AccountsLoad
from tests.build import T0, icp
from tests.engine.reports.market import table

OLD = icp(must_have={"size": {"gte": 200}}, base=40, points=(({"crm": "sf"}, 30, "runs a CRM"),))
NEW = replace(icp(must_have={"size": {"gte": 100}}, base=40, points=(({"crm": "sf"}, 30, "runs a CRM"),)), version=4)


class Loads:
    """`fit.accounts` in memory."""

    def __init__(self, partitions: int = 2) -> None:
        self.topic: list[list[LoadedRecord]] = [[] for _ in range(partitions)]

    def put(self, account: str, **columns: Any) -> None:
        row = LoadedAccount(account, columns, {**dict.fromkeys(CARRIED), "name": account.title()})
        self._write(account, write_row(row))

    def drop(self, account: str) -> None:
        self._write(account, None)

    def load(self) -> AccountsLoad:
        return AccountsLoad(1, T0, 0, tuple(map(len, self.topic)))

    def _write(self, account: str, value: bytes | None) -> None:
        self.topic[len(account) % len(self.topic)].append(LoadedRecord(account, value))

    async def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        for record in self.topic[partition][:end]:
            yield [record]


async def told(loads: Loads, before: list[Icp], after: list[Icp], load: AccountsLoad | None = None) -> dict[str, Any]:
    by_id = ({one.icp: one for one in icps} for icps in (before, after))
    return dict(await publication_diff(loads, load or loads.load(), *by_id))


async def test_it_is_the_diff_of_the_same_accounts():
    rows = [{"size": size, "crm": crm} for size in (50, 150, "", "1,200") for crm in ("sf", "own")]
    loads = Loads()
    for number, row in enumerate(rows):
        loads.put(f"a{number}.com", **row)
    wanted = icp_diff(OLD, NEW, table([OLD], *rows), table([NEW], *rows))
    (found,) = (await told(loads, [OLD], [NEW])).values()
    assert wanted["counts"]["enters"] == 1
    assert [one.pop("name") for one in found["changes"]] == ["A2.Com", "A3.Com"]
    assert [one.pop("name") for one in wanted["changes"]] == [None, None]
    assert found == wanted


async def test_of_several_rows_the_last_before_the_end_of_the_load_counts_and_who_left_does_not():
    loads = Loads(partitions=1)
    loads.put("a.com", size=150, crm="sf")
    loads.put("a.com", size=900, crm="sf")
    loads.put("b.com", size=150, crm="sf")
    loads.drop("b.com")
    loads.put("c.com", size=10, crm="sf")
    loads.put("c.com", size=150, crm="sf")
    loads.put("d.com", size=150, crm="sf")
    loads.put("d.com", size=900, crm="sf")
    loads.put("d.com", size=150, crm="sf")
    load = loads.load()
    loads.put("e.com", size=150, crm="sf")  # of a load that is not whole
    (found,) = (await told(loads, [OLD], [NEW], load)).values()
    assert (found["accounts"], [one["account_id"] for one in found["changes"]]) == (3, ["c.com", "d.com"])


async def test_only_icps_that_change_are_told_and_a_new_one_and_one_that_ends_have_no_other_version():
    other, loads = replace(OLD, icp="other"), Loads()
    loads.put("a.com", size=900, crm="sf")
    loads.put("b.com", size=10, crm="sf")
    found = await told(loads, [OLD, other], [OLD])
    assert found.keys() == {"other"}
    assert found["other"]["versions"] == [OLD.version, None]
    (change,) = found["other"]["changes"]
    assert (change["account_id"], change["change"], change["after"]) == ("a.com", "leaves", None)
    assert change["by"] == ["the ICP is taken out of force"]
    found = await told(loads, [OLD], [OLD, other])
    assert found["other"]["versions"] == [None, other.version]
    assert found["other"]["counts"] == {"enters": 1, "leaves": 0, "decision": 0, "tier": 0}
    assert found["other"]["by_criterion"] == [{"criterion": "the ICP is new", "change": "enters", "accounts": 1}]


async def test_changes_are_kept_up_to_a_limit_and_counted_beyond(monkeypatch):
    monkeypatch.setattr(module, "_MAX_CHANGES", 2)
    loads = Loads()
    for number in reversed(range(9)):
        loads.put(f"a{number}.com", size=150, crm="sf")
    (found,) = (await told(loads, [OLD], [NEW])).values()
    assert [one["account_id"] for one in found["changes"]] == ["a0.com", "a1.com"]
    assert (found["counts"]["enters"], found["by_criterion"][0]["accounts"]) == (9, 9)
