"""Folders: lists and scores as files, and company lists for LinkedIn."""

import csv
from pathlib import Path

import orjson
import pytest

from signal_engine.adapters.files.parquet import ParquetTable
from signal_engine.adapters.files.sync.folder import SyncFolder
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.sync.files import FilesSink, LinkedInSink
from signal_engine.engine.sync.market import UnknownPlace
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.tables.csv_table import csv_of
from signal_engine.wire.storage import state
from signal_engine.wire.sync.ledger_rows import SinkState
from signal_engine.wire.sync.tables import LINKEDIN_HEADER
from tests.engine.sync.stands import Beside


def folder(path: Path) -> SyncFolder:
    return SyncFolder(str(path), csv_of)


async def test_lists_and_the_scores_of_each_day_are_files(tmp_path: Path) -> None:
    beside = Beside()
    await beside.run(FilesSink("lake", folder(tmp_path), parquet=True))
    with (tmp_path / "lists/all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["account_id"] for row in csv.DictReader(file)] == await beside.listed()
    yesterday = format_instant(beside.market.now - DAY)[:10]
    wanted = (await (await beside.opened()).scores([beside.market.now // DAY - 1]))[beside.market.now // DAY - 1]
    assert wanted
    place = tmp_path / f"scores/date={yesterday}"
    with (place / "part-0.csv").open(newline="") as file:
        assert {row["account_id"]: float(row["score"]) for row in csv.DictReader(file)} == wanted
    table = ParquetTable(str(place / "part-0.parquet"))
    assert table.header(0) == ["account_id", "score"]
    assert {row.cells[0] for row in table.rows(0)} == {*wanted}


async def test_who_went_quiet_is_in_the_file_of_the_last_day_with_signals(tmp_path: Path) -> None:
    beside = Beside()
    store, last = (await beside.opened()).store, beside.market.now // DAY
    quiet = set()
    for number in range(2):
        states = (await store.accounts(number)).values
        quiet |= {name for name, stored in states.items() if state.decode(stored).now // DAY == last}
        assert not await store.scores(number, last), "nobody was judged on a later day"
    assert quiet
    beside.market.now += DAY
    await beside.run(FilesSink("lake", folder(tmp_path), parquet=False))
    with (tmp_path / f"scores/date={format_instant(last * DAY)[:10]}/part-0.csv").open(newline="") as file:
        scores = {row["account_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert {*scores} == quiet
    assert min(scores.values()) > 0


def tables(path: Path) -> list[Path]:
    return [*path.rglob("*.csv")]


async def test_a_selection_is_one_file_with_what_the_rule_says(tmp_path: Path) -> None:
    beside = Beside()
    sink = FilesSink("out", folder(tmp_path), parquet=False, of="nurture")
    await beside.run(sink, whole=False)
    assert tables(tmp_path) == [], "a selection is of all accounts"
    dry = await beside.run(sink, dry=True)
    assert ([one.account for one in dry.shown], tables(tmp_path)) == (["selections/nurture.csv"], [])
    await beside.run(sink)
    assert tables(tmp_path) == [tmp_path / "selections/nurture.csv"]
    with (tmp_path / "selections/nurture.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [*csv.DictReader(file)]
    now = await beside.opened()
    wanted = await now.places("nurture")
    assert wanted
    assert [row["account_id"] for row in rows] == sorted(wanted)
    fit = next(one.fit for one in await now.some([rows[0]["account_id"]]))
    assert (rows[0]["decision"], rows[0]["tier"], rows[0]["icp"]) == ("chase", fit.primary.tier, fit.primary.icp)
    beside.control_group = frozenset([rows[0]["account_id"]])
    await beside.run(sink)
    assert rows[0]["account_id"] not in (tmp_path / "selections/nurture.csv").read_text("utf-8")
    assert (await beside.run(sink)).counts["unchanged"] == 1


async def test_one_list_alone_is_one_file_and_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    beside = Beside()
    icp = (await beside.opened()).icps[0].icp
    await beside.run(FilesSink("out", folder(tmp_path), parquet=False, of=icp))
    assert tables(tmp_path) == [tmp_path / f"lists/{icp}.csv"]
    with pytest.raises(UnknownPlace, match=r"nurtur: is none of the lists .* nurture, audience, exclude"):
        await beside.run(FilesSink("out", folder(tmp_path), parquet=False, of="nurtur"))


def hidden(path: Path) -> list[Path]:
    """What a write that was cut short would leave."""
    return [*path.rglob(".*")]


async def test_a_file_is_written_only_when_it_is_another_one(tmp_path: Path) -> None:
    beside = Beside()
    sink = FilesSink("lake", folder(tmp_path), parquet=False)
    first = await beside.run(sink)
    again = await beside.run(sink)
    assert (again.counts["file"], again.counts["unchanged"]) == (0, first.counts["file"])
    assert hidden(tmp_path) == []


async def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SinkTrouble, match="there is no folder"):
        await Beside().run(FilesSink("lake", folder(tmp_path / "none"), parquet=False))


async def test_linkedin_gets_a_file_for_each_version_of_an_icp(tmp_path: Path) -> None:
    beside = Beside()
    run = await beside.run(LinkedInSink("ads", beside.ledger, folder(tmp_path), "audience"))
    now = await beside.opened()
    chased = [one.fit async for some in now.everybody() for one in some if one.fit.primary.decision == "chase"]
    found: set[str] = set()
    for icp in now.icps:
        file = tmp_path / f"audience-{icp.icp}-v{icp.version}.csv"
        content = file.read_bytes()
        assert content.startswith(",".join(LINKEDIN_HEADER).encode() + b"\r\n")
        rows = [*csv.DictReader(content.decode().splitlines())]
        assert {row["companyemaildomain"] for row in rows}.isdisjoint(found)
        found |= {row["companyemaildomain"] for row in rows}
    assert found == {fit.account for fit in chased if fit.relation == "prospect" and not fit.suppressed}
    assert len(run.notes) == len(now.icps)
    assert "LinkedIn needs at least 300" in run.notes[0]
    state = SinkState.decode(await beside.ledger.state())
    assert sum(one.added for one in state.by_version.values()) == len(found)


async def test_linkedin_counts_who_came_and_who_went(tmp_path: Path) -> None:
    beside = Beside()
    sink = LinkedInSink("ads", beside.ledger, folder(tmp_path), "all")
    await beside.run(sink)
    account = (await beside.listed())[0]
    fit = beside.market.inputs.fits[account]
    version = f"{fit.primary.icp}/{fit.primary.version}"
    served = beside.market.server.lists["", "all"]
    document = orjson.loads(served[1] or b"{}")
    document["entries"] = document["entries"][1:]
    beside.market.server.lists["", "all"] = (served[0] + 1, orjson.dumps(document))
    await beside.run(sink, whole=False)
    assert SinkState.decode(await beside.ledger.state()).by_version[version].removed == 1


class Died(Exception):
    """The process ends here."""


class DyingFolder(SyncFolder):
    async def put(self, path: str, text: str) -> bool:
        await super().put(path, text)
        raise Died


async def test_what_a_company_list_changed_is_counted_though_the_run_that_wrote_it_died(tmp_path: Path) -> None:
    beside = Beside()
    with pytest.raises(Died):
        await beside.run(LinkedInSink("ads", beside.ledger, DyingFolder(str(tmp_path), csv_of), "audience"))
    for _ in range(2):
        await beside.run(LinkedInSink("ads", beside.ledger, folder(tmp_path), "audience"))
    counted = SinkState.decode(await beside.ledger.state()).by_version
    assert {name: one.added for name, one in counted.items()} == {
        f"{icp.icp}/{icp.version}": many
        for icp in (await beside.opened()).icps
        if (many := (tmp_path / f"audience-{icp.icp}-v{icp.version}.csv").read_text("utf-8").count("\n") - 1)
    }
