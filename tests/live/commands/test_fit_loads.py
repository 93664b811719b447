"""Accounts in Kafka, on real servers: merged, removed, whole or not at all, and back after a Redis that lost all."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.load_writer import LoadWriter
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.topics import topic_names
from testing.processes import ROOT
from testing.servers.finding import KafkaServer
from testing.servers.redis import ValkeyServer
from tests.live.commands.test_fit_and_lists import ICP, load, said
from tests.live.engine import Engine, engine


@pytest.fixture
def own_redis() -> Iterator[str]:
    """A server that may be emptied."""
    with ValkeyServer() as server:
        yield server.url


@pytest.fixture
def live(kafka: KafkaServer, own_redis: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, own_redis, prefix, tmp_path, partitions=2) as made:
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text("domain,industry,country\na.com,B2B,us\nb.com,B2B,fr\nc.com,Retail,us\n")
        yield made


def tier(live: Engine, account: str) -> str | None:
    shown = json.loads(said(live, "fit", "show", account, "--json").stdout)
    return shown["fit"][0]["tier"] if shown["known"] else None


async def at_version(live: Engine, version: int) -> bool:
    async with live.store() as store:
        return all([(await store.positions(number)).topics.get(FIT_VERSION) == version for number in range(2)])


async def test_after_a_loss_of_redis_the_fit_table_comes_back_with_nobody_doing_anything(live: Engine) -> None:
    live.run("topics", "create")
    load(live)
    worker = live.worker()
    await live.until(lambda: at_version(live, 1), 60, "the fit table is not in force")

    async def derived_again() -> bool:
        return worker.words().count("fit_derived") >= 4 and await at_version(live, 1)

    async with Channel(live.redis_url) as channel:
        await channel.call("FLUSHALL")
    await live.until(derived_again, 60, "the fit table is lost")
    assert (tier(live, "a.com"), tier(live, "b.com"), tier(live, "nobody.com")) == ("A", "B", None)
    assert "rebuild_waiting_for_fit" not in worker.words()
    assert worker.end() == 0


async def test_accounts_are_merged_and_removed_by_commands(live: Engine) -> None:
    live.run("topics", "create")
    load(live)
    more, gone = live.folder / "more.csv", live.folder / "gone.csv"
    more.write_text("domain,industry,country\nb.com,B2B,us\nd.com,B2B,us\n")
    gone.write_text("domain\na.com\nnobody.com\n")
    icp = ("--icp", str(live.folder / "b2b.yaml"))
    tried = json.loads(said(live, "fit", "load", str(more), *icp, "--merge", "--dry-run", "--json").stdout)
    merged = json.loads(said(live, "fit", "load", str(more), *icp, "--merge", "--json").stdout)
    assert {**merged, "loaded": False, "taken_over": None} == tried
    assert (merged["fit_version"], merged["accounts"], merged["rows_changed"]) == (2, 4, 2)
    removed = json.loads(said(live, "fit", "load", "--remove", str(gone), *icp, "--json").stdout)
    assert (removed["accounts"], [one["account_id"] for one in removed["changes"]]) == (3, ["a.com"])
    assert [tier(live, name) for name in ("a.com", "b.com", "c.com", "d.com")] == [None, "A", None, "A"]
    both = json.loads(
        said(
            live,
            "fit",
            "load",
            str(live.folder / "accounts.csv"),
            "--merge",
            "--remove",
            str(more),
            *icp,
            "--yes",
            "--json",
        ).stdout
    )
    assert both["accounts"] == 2, "what is removed is not added by the same load"
    for words, wrong in (
        ((), "ACCOUNTS"),
        (("--merge", "--remove", str(gone)), "--merge needs ACCOUNTS"),
        ((str(more), "--remove", str(gone)), "add --merge"),
    ):
        assert wrong in said(live, "fit", "load", *words, *icp, code=2).stderr


async def test_a_load_that_died_half_way_changes_nothing_and_the_next_one_is_whole(
    apache_kafka: KafkaServer, live: Engine
) -> None:
    live.run("topics", "create")
    load(live)
    names, row = topic_names(live.prefix), LoadedRecord("half.com", b"{}")
    with pytest.raises(InterruptedError):
        await _die(LoadWriter(KafkaConnection(apache_kafka.address), names, live.prefix, 2), row)
    worker = live.worker()
    await live.until(lambda: at_version(live, 1), 60, "the fit table is not in force")
    assert (tier(live, "a.com"), tier(live, "half.com")) == ("A", None)
    load(live, "--wait", "30")
    assert await at_version(live, 2)
    assert "loaded_rows_unreadable" not in worker.words()
    assert worker.end() == 0


async def _die(writer: LoadWriter, row: LoadedRecord) -> None:
    async with writer:
        await writer.write([row])
        raise InterruptedError


async def test_a_worker_killed_while_it_decides_is_followed_by_one_that_does_it(live: Engine) -> None:
    live.run("topics", "create")
    load(live)
    crashing = live.crashing("during_fit_derivation", 1)
    assert crashing.process.wait(60) == -signal.SIGKILL
    assert not await at_version(live, 1)
    live.worker()
    await live.until(lambda: at_version(live, 1), 60, "the fit table is not in force")
    assert tier(live, "b.com") == "B"


async def test_without_the_topics_of_loads_the_table_is_in_redis_alone_and_that_is_said(live: Engine) -> None:
    await live.make_all_but_actions()
    said_ = load(live, "--json")
    assert "are missing; create them with `signal-engine topics create`" in said_.stderr
    assert tier(live, "a.com") == "A"
    words = ("--merge", "--icp", str(live.folder / "b2b.yaml"))
    refused = said(live, "fit", "load", str(live.folder / "accounts.csv"), *words, code=2)
    assert "--merge and --remove go by what they hold" in refused.stderr
    worker = live.worker()
    await live.until(lambda: at_version(live, 1), 60, "the fit table is not in force")
    assert worker.end() == 0
