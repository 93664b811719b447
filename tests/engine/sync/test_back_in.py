"""What a CRM says, merged into the accounts that are loaded: nothing else changes."""

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import get_args

import pytest

from signal_engine.core.rules.relations import RELATIONS, Relation
from signal_engine.core.sync.stages import HUBSPOT_STAGES, SALESFORCE_STAGES, CrmRelation
from signal_engine.engine.fit.loading import LoadSource, SpoolPlace, new_accounts
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.sync.back_in import ChangedRows, CrmFacts, Merging, merged
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row, write_row
from signal_engine.wire.instants import parse_instant
from tests.build import icp

CARRIED = {"name": "Acme", "segment": "Mid", "owner": "Ann Roe", "sdr": None, "crm_id": "77"}
COLUMNS = {"Domain": "acme.com", "Size": 250, "Owner ": "Ann Roe", "revenue": "1.200"}
ROW = LoadedAccount(
    "acme.com", COLUMNS, CARRIED, parent="holding.com", others=("78",), numbers={"revenue": "thousands"}, rows=2,
    aliases=("acme.de",),
)  # fmt: skip
SAYS = CrmFacts("Customer", "Bo Lind", " Cy Hall ", parse_instant("2026-02-20T11:30:00Z"))


def test_only_what_the_crm_says_changes() -> None:
    after = merged(ROW, SAYS, HUBSPOT_STAGES)
    assert after.columns == {
        **COLUMNS, "Owner ": "Bo Lind", "sdr": "Cy Hall", "relation": "customer", "last_sales_activity": "2026-02-20",
    }  # fmt: skip
    assert after.carried == {**CARRIED, "owner": "Bo Lind", "sdr": "Cy Hall"}
    assert after.relation == "customer"
    assert after._replace(columns=ROW.columns, carried=ROW.carried, relation=ROW.relation) == ROW
    assert merged(after, SAYS, HUBSPOT_STAGES) == after
    later = SAYS._replace(last_activity_at=parse_instant("2026-02-20T23:59:59Z"))
    assert merged(after, later, HUBSPOT_STAGES) == after
    assert read_row(write_row(after)) == after


@pytest.mark.parametrize("facts", [CrmFacts(), CrmFacts("", " ", "", None), CrmFacts("some stage")])
def test_what_the_crm_leaves_empty_stays(facts: CrmFacts) -> None:
    assert merged(ROW, facts, HUBSPOT_STAGES) == ROW


@pytest.mark.parametrize("relation", RELATIONS)
@pytest.mark.parametrize("told", get_args(CrmRelation))
def test_a_stage_ends_no_relation_that_sales_do_not_decide(relation: Relation, told: CrmRelation) -> None:
    after = merged(ROW._replace(relation=relation), CrmFacts("x"), {"x": told})
    assert after.relation == (told if relation in get_args(CrmRelation) else relation)


@pytest.mark.parametrize(
    ("stage", "stages", "relation"),
    [
        ("opportunity", HUBSPOT_STAGES, "open_opportunity"),
        ("Evangelist", HUBSPOT_STAGES, "customer"),
        ("lead", HUBSPOT_STAGES, "prospect"),
        ("Customer - Channel", SALESFORCE_STAGES, "customer"),
        ("Prospect", SALESFORCE_STAGES, "prospect"),
    ],
)
def test_stages(stage: str, stages: dict[str, CrmRelation], relation: Relation) -> None:
    assert merged(ROW, CrmFacts(stage), stages).relation == relation


class Topic:
    """`fit.accounts`, in one partition."""

    def __init__(self, *rows: LoadedAccount) -> None:
        self.records = [LoadedRecord(row.account, write_row(row)) for row in rows]

    async def read(self, number: int = 0) -> AsyncIterator[Sequence[LoadedRecord]]:
        assert number == 0
        for record in self.records:
            yield [record]


class Spool:
    def __init__(self) -> None:
        self.kept: list[bytes] = []

    def add(self, partition: int, row: bytes) -> None:
        assert partition == 0
        self.kept.append(row)

    def rows(self, partition: int) -> Iterator[bytes]:
        assert partition == 0
        yield from self.kept


async def loaded(topic: Topic, merging: Merging) -> list[LoadedRecord]:
    """What a load writes that merges these facts and adds no file."""
    warned: list[str] = []
    kept = lambda number: merging.of(topic.read(number))  # noqa: E731 (it reads as what it is)
    icps, place = (icp("saas", must_have={"size": {"gte": 200}}, base=85),), SpoolPlace(Spool(), 1, lambda _: 0)
    table = await new_accounts(LoadSource(None, merge=True), icps, place, kept, warned.append)
    assert warned == []
    assert table.accounts == len(topic.records)
    return await table.changed(0, topic.read())


async def test_a_load_writes_the_accounts_that_change_and_no_other() -> None:
    other = LoadedAccount("b.com", {"Domain": "b.com", "Size": 9}, dict.fromkeys(CARRIED), relation="partner")
    holding = LoadedAccount("holding.com", {"Domain": "holding.com"}, dict.fromkeys(CARRIED))
    topic = Topic(ROW._replace(parent_relation="prospect"), other, holding)
    merging = Merging({"holding.com": CrmFacts("customer"), "unknown.com": SAYS}, HUBSPOT_STAGES)
    assert await merging.differing(topic.read()) == ChangedRows(changed=1, prospects=2, leaving=1)
    written = {account: read_row(value or b"") for account, value in await loaded(topic, merging)}
    assert written == {
        "holding.com": holding._replace(columns={**holding.columns, "relation": "customer"}, relation="customer"),
        "acme.com": ROW._replace(parent_relation="customer"),
    }


async def test_nothing_is_written_where_the_crm_says_what_is_known() -> None:
    merging = Merging({"acme.com": SAYS}, HUBSPOT_STAGES)
    topic = Topic(merged(ROW, SAYS, HUBSPOT_STAGES)._replace(parent=None))
    assert await merging.differing(topic.read()) == ChangedRows(changed=0, prospects=0, leaving=0)
    assert await loaded(topic, merging) == []


async def test_who_left_and_what_cannot_be_read_stays_as_it_is() -> None:
    merging = Merging({"acme.com": SAYS}, HUBSPOT_STAGES)
    for value in (None, b"no row"):
        assert merging.changed(LoadedRecord("acme.com", value)) == LoadedRecord("acme.com", value)
