"""What signals say of a control group leaves by no sink, and whoever was told before is told that they left."""

import csv
from pathlib import Path

import pytest

from signal_engine.adapters.files.sync.folder import SyncFolder
from signal_engine.engine.sync.files import FilesSink, LinkedInSink
from signal_engine.engine.sync.places import PlaceSink
from signal_engine.wire.output.tables.csv_table import csv_of
from tests.engine.sync.stands import Beside, Receiver


def column(path: Path, name: str) -> set[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[name] for row in csv.DictReader(file)}


def found(folder: Path, pattern: str) -> list[Path]:
    return [*folder.glob(pattern)]


async def a_listed_prospect(beside: Beside) -> str:
    """One that is on the list, in the audience, and not pinned."""
    now = await beside.opened()
    audience = await now.places("audience")
    return next(
        one["account_id"]
        for one in await now.listed("all") or ()
        if one["account_id"] in audience and not one["pinned"]
    )


async def pinned(beside: Beside) -> set[str]:
    now = await beside.opened()
    return {one.fit.account async for some in now.everybody() for one in some if one.stands.pinned}


async def test_files_have_neither_their_entry_nor_their_scores(tmp_path: Path) -> None:
    beside = Beside()
    account = await a_listed_prospect(beside)
    sink = FilesSink("lake", SyncFolder(str(tmp_path), csv_of), parquet=False)
    await beside.run(sink)
    scores = found(tmp_path, "scores/*/part-0.csv")
    before = {path: column(path, "account_id") for path in (*scores, *found(tmp_path, "lists/*.csv"))}
    assert account in before[tmp_path / "lists/all.csv"]
    scored = set().union(*(before[path] for path in scores)) - await pinned(beside)
    assert scored
    beside.control_group = frozenset([account, min(scored)])
    await beside.run(sink)
    assert {path: column(path, "account_id") for path in before} == {
        path: names - beside.control_group for path, names in before.items()
    }


@pytest.mark.parametrize("of", ["all", "audience"])
async def test_company_lists_are_without_them(of: str, tmp_path: Path) -> None:
    beside = Beside()
    account = await a_listed_prospect(beside)
    sink = LinkedInSink("ads", beside.ledger, SyncFolder(str(tmp_path), csv_of), of)
    await beside.run(sink)

    def companies() -> set[str]:
        return set().union(*(column(path, "companyemaildomain") for path in found(tmp_path, "*.csv")))

    before = companies()
    assert account in before
    beside.control_group = frozenset([account])
    await beside.run(sink)
    assert companies() == before - {account}


@pytest.mark.parametrize("of", ["all", "audience"])
async def test_receivers_are_told_that_they_left(of: str) -> None:
    beside, receiver = Beside(), Receiver()
    account = await a_listed_prospect(beside)
    sink = PlaceSink("hook", beside.ledger, receiver, of, frozenset({"entered", "left"}))
    await beside.run(sink)
    receiver.took.clear()
    beside.control_group = frozenset([account])
    await beside.run(sink)
    assert [(body["type"], body["account_id"]) for _, body in receiver.took] == [("list.left", account)]
    receiver.took.clear()
    beside.control_group = frozenset()
    await beside.run(sink)
    assert [(body["type"], body["account_id"]) for _, body in receiver.took] == [("list.entered", account)]


async def test_nobody_is_nurtured_in_a_control_group_and_exclusions_hold_there_too() -> None:
    beside = Beside()
    now = await beside.opened()
    nurtured, excluded = await now.places("nurture"), await now.places("exclude")
    assert nurtured.keys() - await pinned(beside)
    assert excluded
    beside.control_group = frozenset([*nurtured, *excluded])
    held = await beside.opened()
    assert (await held.places("nurture")).keys() == nurtured.keys() & await pinned(beside)
    assert await held.places("exclude") == excluded


async def test_who_is_pinned_is_in_no_control_group(tmp_path: Path) -> None:
    beside = Beside()
    shown = {one["account_id"] for one in await (await beside.opened()).listed("all") or () if one["pinned"]}
    assert shown, "else this says nothing"
    everybody = frozenset(beside.market.inputs.fits)
    beside.control_group = everybody
    assert set(await beside.listed()) == shown
    assert await (await beside.opened()).held(everybody) == everybody - await pinned(beside)
    await beside.run(FilesSink("lake", SyncFolder(str(tmp_path), csv_of), parquet=False))
    assert column(tmp_path / "lists/all.csv", "account_id") == shown
