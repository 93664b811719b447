"""`validate --kafka` and `review --kafka` need no file: accounts, rules and wiring are in the topics."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.market import Planted, PlantedMarket
from signal_engine.wire.instants import format_instant
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from testing.topics import OUTCOMES
from tests.live.commands.test_icp_publish import BY, said
from tests.live.engine import Engine, engine

SAM = ("--by", "sam@example.com", "--note", "By the new segments.")


@pytest.fixture
def market() -> Planted:
    return PlantedMarket(21, accounts=80, weeks=18, wins=14, losses=6).told()


@pytest.fixture
def files(market: Planted, tmp_path: Path) -> PlantedFiles:
    return write_planted(market, tmp_path)


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, files: PlantedFiles) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        sync = tmp_path / "sync.yaml"
        sync.write_text(f"version: 1\nsinks:\n  ads: {{linkedin: {{folder: {tmp_path}}}}}\n")
        made.set(SCORING=str(files.scoring), SYNC=str(sync))
        made.run("topics", "create")
        yield made


def records(told: Planted, partitions: int) -> Iterator[ToProduce]:
    """The market as an import would have written it: history."""
    place = partitioner(partitions)
    for one in told.events:
        event = {**one, "occurred_at": format_instant(one["occurred_at"])}
        key = one["account_id"].encode()
        value = json.dumps(event).encode()
        yield ToProduce(one["kind"], place(one["account_id"]), key, value, event, headers=(("backfill", b"1"),))
    for one in told.outcomes:
        outcome = {**one, "at": format_instant(one["at"])}
        key = one["account_id"].encode()
        yield ToProduce(OUTCOMES, place(one["account_id"]), key, json.dumps(outcome).encode(), outcome)


def told_by(live: Engine, *words: str) -> Any:
    return json.loads(said(live, *words, "--json")[0])


async def test_accounts_and_rules_of_the_topics_say_what_files_of_them_do(
    live: Engine, market: Planted, files: PlantedFiles
) -> None:
    assert "no accounts were ever loaded" in said(live, "validate", "--kafka", code=2)[1]
    said(live, "fit", "load", str(files.accounts), "--icp", str(files.icp), "--yes")
    live.worker()
    said(live, "icp", "publish", str(files.icp), *BY)
    await live.produce([*records(market, live.partitions)])

    expected = told_by(live, "validate", *files.arguments, "--capacity", "8")
    found = told_by(live, "validate", "--kafka", "--capacity", "8")
    assert found["study"]["won"] == 14
    for one in (expected, found):
        one["groups"].pop("claimed")  # of files no actions were given, and the topic has none
    assert {**found, "caveats": None} == {**expected, "caveats": None}
    (as_of,) = [one["text"] for one in found["caveats"] if one["code"] == "accounts_as_of_today"]
    assert "12 of 12 Mondays come before that and are judged by that load, which nobody had then" in as_of

    new = files.scoring.with_name("scoring-2.yaml")
    new.write_text(files.scoring.read_text().replace("version: 1", "version: 2").replace("enter: 17", "enter: 99"))
    rest = [*files.arguments[1:5], "--events", str(files.events)]
    expected = told_by(live, "scoring", "diff", str(files.scoring), str(new), *rest)
    found = told_by(live, "scoring", "diff", str(files.scoring), str(new), "--kafka")
    assert found["market"]["alerts"]["after"] < found["market"]["alerts"]["before"]
    for name in ("versions", "settings", "moves", "accounts", "changed"):
        assert found[name] == expected[name], name

    expected = told_by(live, "review", *files.arguments)
    found = told_by(live, "review", "--kafka")
    assert found["icps"][0]["published"] is not None
    assert found["icps"][0]["whole"] == expected["icps"][0]["whole"]
    assert found["outside"] == expected["outside"]
    assert expected["wiring"] is None
    (wired,) = found["wiring"]
    assert (wired["icp"], wired["status"], len(wired["waiting"])) == ("planted", "amber", 7)
    said(live, "wiring", "confirm", "content_plan", *SAM)
    (wired,) = told_by(live, "review", "--kafka")["wiring"]
    assert "content_plan" not in wired["waiting"]
    assert "Not yet: CRM fields" in " ".join(said(live, "review", "--kafka")[0].split())
    live.set(REDIS_URL="redis://127.0.0.1:9/0")
    alone = told_by(live, "review", "--kafka")
    assert alone["wiring"] == [wired]
    assert any(one.startswith("Redis did not answer") for one in alone["caveats"])
