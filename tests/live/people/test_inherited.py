"""On real servers: a `do_not_contact` of a parent takes its children off the lists, whoever owns the partitions."""

import json
import time
from pathlib import Path

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.instants import format_instant
from testing import processes
from testing.processes import COMMAND
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine
from tests.live.test_live_engine import easily_hot

PARTITIONS = 4
OWNER = "tests@example.com"
GROUP = "group.com"
WITHIN_S = 2.0


def elsewhere(than: set[int], prefix: str) -> str:
    """A domain of a partition that is none of these."""
    place = partitioner(PARTITIONS)
    return next(name for number in range(100) if place(name := f"{prefix}{number}.com") not in than)


def signals(*names: str) -> list[ToProduce]:
    made = []
    for name in names:
        event = {
            "event_id": f"visit-{name}",
            "account_id": name,
            "occurred_at": format_instant(int(time.time() * 1000)),
            "activity": "pricing_view",
            "persona": "CFO",
        }
        place = partitioner(PARTITIONS)(name)
        made.append(ToProduce("engagement", place, name.encode(), json.dumps(event).encode(), event))
    return made


def account(live: Engine, *words: str) -> None:
    done = processes.run([*COMMAND, "account", *words], env=live.environment, timeout=60)
    assert done.returncode == 0, done.stderr


async def test_children_leave_within_two_seconds_say_why_and_come_back(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    own = partitioner(PARTITIONS)(GROUP)
    parent = elsewhere({own}, "parent")
    child = elsewhere({own, partitioner(PARTITIONS)(parent)}, "child")
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=PARTITIONS) as live:
        live.set(SCORING=str(easily_hot(tmp_path)), PRIVACY_OWNER=OWNER)
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text(
            f"domain,industry,country,parent\n{child},B2B,us,{parent}\n{parent},B2B,us,{GROUP}\nother.com,B2B,us,\n"
        )
        live.run("topics", "create")
        live.worker()
        live.worker()
        live.run(
            "fit", "load", str(tmp_path / "accounts.csv"), "--icp", str(tmp_path / "b2b.yaml"), "--yes", "--wait", "60"
        )
        await live.produce(signals(child, parent, "other.com"))

        async def listed(*wanted: str) -> bool:
            found = await live.list("all")
            return found is not None and sorted(one["account_id"] for one in found["entries"]) == sorted(wanted)

        async def only_the_other() -> bool:
            return await listed("other.com")

        async def everybody() -> bool:
            return await listed(child, parent, "other.com")

        await live.until(everybody, 60, "they are not on the list")
        account(live, "do-not-contact", GROUP, "--by", OWNER, "--reason", "Their lawyers asked.")
        began = time.monotonic()  # the command has returned
        await live.until(only_the_other, 10, "who belongs to it is still on the list")
        assert time.monotonic() - began < WITHIN_S
        for name in (child, parent):
            told = json.loads(live.run("explain", name, "--json"))
            (one,) = told["actions"]
            assert (one["action"], one["inherited_from"], one["by"]) == ("do_not_contact", GROUP, OWNER)
            assert (told["why_no_alert"], told["level"]) == ("do_not_contact", "hot")
            assert f"Not to be contacted: inherited from {GROUP}, by {OWNER}" in live.run("explain", name)

        account(live, "do-not-contact", GROUP, "--by", OWNER, "--lift")
        await live.until(everybody, 15, "it was lifted, and they are not back")
        assert json.loads(live.run("explain", child, "--json"))["actions"] == []
