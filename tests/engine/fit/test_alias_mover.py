"""Aliases come into force with their load: from one instant on, and again from Kafka where the store has lost them."""

from collections.abc import Mapping

import pytest

from signal_engine.adapters.kafka.fit_topics import PlacedLoad
from signal_engine.core.rules.aliases import AliasChange
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.context.aliases import (
    DELAY_MS,
    MAX_AGE_MS,
    aliases_in_force,
    know_aliases,
    poll_fit,
    read_map,
)
from signal_engine.engine.context.generation import OtherGeneration
from signal_engine.engine.fit.alias_mover import Owners, copy_aliases, mend_aliases, owners_as_loaded
from signal_engine.engine.fit.alias_news import alias_news
from signal_engine.engine.fit.mover import move_load_into_force
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT, Controls, alias_map
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.entrypoints.wiring.rules import loaded
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.accounts.row_record import LoadedAccount, write_row
from signal_engine.wire.config.account_columns import CARRIED
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import T0
from tests.engine.fit.test_deriving import Loads, Made
from tests.engine.stand import Rec, Stand, TableOf, event_bytes, fetch

DE = {"acme.de": "acme.com"}
FR = {"acme.fr": "acme.com"}


async def far() -> int:
    """The end of a topic that holds whatever is in force."""
    return 1_000


class Loading:
    """Loads of one store, at a clock that a test turns."""

    def __init__(self, stand: Stand | None = None) -> None:
        self.stand = stand or Stand()
        self.loads = 0
        self.late_by = 0
        """ms that pass after each look at the clock."""

    @property
    def controls(self) -> Controls:
        return self.stand.controls

    def clock(self) -> int:
        self.stand.now += self.late_by
        return self.stand.now

    async def load(self, owners: Mapping[str, str], number: int | None = None) -> FitInForce:
        self.loads = self.loads + 1 if number is None else number

        of = owners_of(owners)
        load = AccountsLoad(self.loads, T0, 1, (1, 1), aliases=len(owners))
        clock = self.clock
        return await move_load_into_force(self.controls, load, self.loads, (), owners=of, clock=clock, end=far)

    async def meant(self, name: str, at: int) -> str:
        return (await aliases_in_force(self.controls)).account(name, at)


async def test_those_of_the_first_load_hold_for_all_and_later_ones_from_their_instant_on() -> None:
    loading = Loading()
    first = await loading.load(DE)
    assert first.aliases is not None
    assert first.aliases.since == BEGINNING
    assert await loading.meant("acme.de", BEGINNING) == "acme.com"
    second = await loading.load(FR)
    assert second.aliases is not None
    assert second.aliases.since == T0 + DELAY_MS
    for at, accounts in ((T0 + DELAY_MS - 1, ("acme.com", "acme.fr")), (T0 + DELAY_MS, ("acme.de", "acme.com"))):
        assert (await loading.meant("acme.de", at), await loading.meant("acme.fr", at)) == accounts


async def test_a_load_that_changes_no_alias_and_one_taken_twice_leave_them() -> None:
    loading = Loading()
    first = await loading.load(DE)
    loading.stand.now += 99_000
    assert (await loading.load(DE)).aliases == first.aliases
    again = await loading.load(FR)
    loading.stand.now += 99_000
    assert await loading.load(FR, number=2) == again
    assert await loading.load({}, number=1) == again, "an older load"


async def test_two_loads_within_the_delay_follow_each_other() -> None:
    loading = Loading()
    await loading.load({})
    first = await loading.load(DE)
    loading.stand.now -= 4_000  # another machine's clock
    second = await loading.load({})
    assert first.aliases is not None
    assert second.aliases is not None
    assert second.aliases.since == first.aliases.since
    assert await loading.meant("acme.de", T0 + 10**6) == "acme.de"


async def test_a_load_that_took_too_long_is_put_off_so_that_all_workers_know_in_time() -> None:
    loading = Loading()
    await loading.load({})
    loading.late_by = (DELAY_MS - MAX_AGE_MS) // 2  # each look at the clock; three are one too many
    found = await loading.load(DE)
    assert found.aliases is not None
    assert found.aliases.since - loading.stand.now >= MAX_AGE_MS
    stored = await loading.controls.read(FIT)
    assert stored == found.encode()


async def test_the_earlier_map_is_let_go_and_whoever_reads_it_then_looks_again() -> None:
    loading = Loading()
    first, second = await loading.load(DE), await loading.load({**DE, **FR})
    assert first.aliases is not None
    assert await loading.controls.read(alias_map(first.aliases.digest)) == b""
    assert await read_map(loading.controls, first.aliases) is None
    assert await read_map(loading.controls, second.aliases) is not None


async def test_a_lost_map_makes_workers_start_over_and_is_mended_then_or_by_the_next_load() -> None:
    loading = Loading()
    await loading.load({})
    found = await loading.load(DE)
    assert found.aliases is not None
    since = found.aliases.since
    for _ in range(2):
        lose(loading.stand)
        with pytest.raises(OtherGeneration, match="a worker that starts writes it anew"):
            await aliases_in_force(loading.controls)
        await mend_aliases(loading.controls, owners_of(DE))
        stored = await loading.controls.read(FIT)
        assert stored is not None
        assert FitInForce.decode(stored).version == found.version
        assert await loading.meant("acme.de", since) == "acme.com"
        assert await loading.meant("acme.de", since - 1) == "acme.de"
    before = await loading.controls.read(FIT)
    await mend_aliases(loading.controls, owners_of({}))
    assert await loading.controls.read(FIT) == before, "nothing was lost"
    lose(loading.stand)
    await loading.load(FR)
    assert (await aliases_in_force(loading.controls)).owners() == FR


async def test_a_lost_map_of_accounts_that_are_not_in_kafka_needs_a_load() -> None:
    made, table = Made(), TableOf()
    table.aliases = dict(DE)
    assert await made.tables.bring_into_force(1, table, (), lambda: T0, quiet=False)
    lose(made.stand)
    with pytest.raises(ConfigurationError, match="signal-engine fit load ACCOUNTS"):
        await mend_aliases(made.stand.controls, owners_of(DE))
    await mend_aliases(Stand().controls, owners_of(DE))


def lose(stand: Stand) -> None:
    documents = stand.server.documents
    for key in [key for key in documents if str(key[2]).startswith("aliases:")]:
        del documents[key]


def owners_of(owners: Mapping[str, str]) -> Owners:
    async def of() -> Mapping[str, str]:
        return owners

    return of


async def test_a_worker_reads_the_map_again_before_it_judges_by_one_that_is_too_old() -> None:
    stand = Stand()
    loading, context = Loading(stand), stand.context
    await loading.load({})
    await poll_fit(context)
    await loading.load(DE)
    stand.now += MAX_AGE_MS
    await know_aliases(context)
    assert context.aliases.changes == {}
    stand.now += 1
    await know_aliases(context)
    assert context.aliases.owners() == DE
    assert context.aliases_in_force is not None
    assert context.aliases_in_force.since > stand.now, "before the first event for which it counts"
    assert stand.event_log.words == ["aliases_changed"]


async def test_a_new_generation_has_those_in_force_from_the_beginning() -> None:
    loading, new = Loading(), Stand()
    await loading.load({})
    await loading.load({**DE, **FR})
    found = await loading.load(DE)
    await poll_fit(new.context)
    in_force = await copy_aliases(loading.controls, new.controls, found)
    aliases = await read_map(new.controls, in_force)
    assert aliases is not None
    none_any_more = (AliasChange(BEGINNING, None),)
    assert aliases.changes == {"acme.de": (AliasChange(BEGINNING, "acme.com"),), "acme.fr": none_any_more}
    assert await copy_aliases(loading.controls, new.controls, found._replace(aliases=None)) is None


def row(account: str, *aliases: str) -> LoadedRecord:
    return LoadedRecord(account, write_row(LoadedAccount(account, {}, dict.fromkeys(CARRIED), aliases=aliases)))


async def test_the_rows_in_kafka_name_them_the_last_of_an_account_and_none_of_who_left() -> None:
    loads = Loads()
    loads.topic[0] += [row("acme.com", "acme.de"), row("beta.com", "beta.io"), row("acme.com", "acme.fr", "acme.it")]
    loads.topic[1] += [row("xray.com", "xray.io"), LoadedRecord("xray.com", None), row("xy.com")]
    owners = {"beta.io": "beta.com", "acme.fr": "acme.com", "acme.it": "acme.com"}
    assert await owners_as_loaded(loads, AccountsLoad(1, T0, 4, loads.ends, aliases=3)) == owners
    assert await owners_as_loaded(loads, AccountsLoad(1, T0, 4, loads.ends)) == {}, "nothing is read for none"


async def test_a_load_says_how_many_signals_wait_for_a_rebuild() -> None:
    made = Made()
    names = ("acme.de", "acme.de", "acme.fr", "b.com")
    records = [Rec(n, T0, event_bytes("intent", T0, name, f"e{n}", 80)) for n, name in enumerate(names)]
    assert await process_batch(made.stand.context, await made.stand.partition(), fetch(*records)) == []
    await Loading(made.stand).load({"old.de": "acme.com"})
    news = await alias_news(made.tables, {**DE, **FR})
    assert news == (2, 2, 1, 3)


async def test_without_the_topic_of_loads_they_come_into_force_as_well() -> None:
    stand = Stand()
    made = Made()
    tables, table = made.tables, TableOf()
    table.aliases = dict(DE)
    assert await tables.bring_into_force(1, table, (), lambda: stand.now, quiet=False)
    assert (await aliases_in_force(made.stand.controls)).owners() == DE
    table.aliases = {}
    assert not await tables.bring_into_force(1, table, (), lambda: stand.now, quiet=False)
    assert await tables.bring_into_force(2, table, (), lambda: stand.now, quiet=False)
    assert (await aliases_in_force(made.stand.controls)).owners() == {}


async def test_a_worker_that_starts_takes_the_load_that_replaces_one_whose_rows_are_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def nothing_published(_: object) -> None:
        return None

    monkeypatch.setattr(loaded, "read_rules", nothing_published)
    stand, loads = Stand(), KeptLoads()
    loads.gone = True
    loads.topic[0] += [row("acme.com", "acme.de")]
    await loaded.recall_load(Settings(), stand.context, loads)  # type: ignore[arg-type] (it reads no setting here)
    found = FitInForce.decode(await stand.controls.read(FIT) or b"")
    assert found.load is not None
    assert found.load.number == 2
    assert (await aliases_in_force(stand.controls)).owners() == DE


class KeptLoads(Loads):
    """Loads with their records in the topic of rules; whoever asks for the last one the second time finds another."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    async def partitions(self) -> int:
        return 2

    async def latest(self) -> PlacedLoad:
        self.asked += 1
        self.gone = self.asked == 1
        return PlacedLoad(AccountsLoad(self.asked, T0, 1, self.ends, aliases=1), self.asked)

    async def end_of_rules(self) -> int:
        return self.asked + 1
