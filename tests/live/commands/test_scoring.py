"""`scoring publish`, `history` and `rollback` on real servers, with a worker that brings it into force."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.servers.finding import KafkaServer
from tests.live.engine import Engine, engine

BY = ("--by", "dana@example.com", "--reason", "They win.")


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.set(SCORING=scoring(tmp_path, 1))
        yield made


def scoring(folder: Path, version: int, cooldown: int = 14, half_life: int = 14) -> str:
    """The shipped scoring file, changed in what is taken over in order, and in what takes a rebuild."""
    text = (ROOT / "config" / "scoring.yaml").read_text("utf-8")
    for name, value in (("version", version), ("cooldown_days", cooldown), ("half_life_days", half_life)):
        text = re.sub(rf"^( *{name}:) \d+", rf"\1 {value}", text, count=1, flags=re.MULTILINE)
    path = folder / f"scoring-{version}.yaml"
    path.write_text(text)
    return str(path)


def text_of(folder: Path, version: int, cooldown: int = 14) -> str:
    return Path(scoring(folder, version, cooldown)).read_text("utf-8")


def said(live: Engine, *words: str, code: int = 0) -> tuple[str, str]:
    done = processes.run([*COMMAND, *words], cwd=ROOT, env=live.environment, timeout=120)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr, live.log_tails())
    return done.stdout, done.stderr


async def history(live: Engine) -> list[tuple[str, bool, str]]:
    told = json.loads(said(live, "scoring", "history", "--json")[0])
    return [(one["config_version"][:2], one["in_force"], one["by"]) for one in told["versions"]]


async def test_a_scoring_file_is_published_in_force_everywhere_and_goes_back(
    live: Engine, tmp_path: Path, kafka: KafkaServer
) -> None:
    live.run("topics", "create")
    assert "No scoring file has been published" in said(live, "scoring", "history")[0]
    live.worker()

    async def first_start() -> bool:
        return await history(live) == [("1-", True, "first start")]

    await live.until(first_start, 60, "the first start did not publish the worker's file")
    dry = json.loads(said(live, "scoring", "publish", scoring(tmp_path, 2, 9), *BY, "--dry-run", "--json")[0])
    assert (dry["published"], dry["rebuild"]) == (False, False)
    assert "-  cooldown_days: 14" in " ".join(dry["difference"])
    told = json.loads(said(live, "scoring", "publish", scoring(tmp_path, 2, 9), *BY, "--json")[0])
    assert (told["published"], told["in_force"], told["in_transaction"]) == (True, "2 of 2 partitions", kafka.apache)
    _, error = said(live, "scoring", "publish", scoring(tmp_path, 2, 10), *BY, code=1)
    assert "version 2 is in force: versions only go up" in error

    text, error = said(live, "scoring", "rollback", *BY)
    assert "in force at 2 of 2 partitions" in text, error
    assert await history(live) == [
        ("3-", True, "dana@example.com"),
        ("2-", False, "dana@example.com"),
        ("1-", False, "first start"),
    ]

    _, error = said(live, "scoring", "publish", scoring(tmp_path, 4, 9, half_life=7), *BY, code=2)
    assert "changes half-lives, rules or facets" in error
    assert "--yes publishes it" in error
    text, error = said(live, "scoring", "show")
    assert text.replace("version: 3", "version: 1", 1) == text_of(tmp_path, 1)
    assert "in force: published" in error
    second = json.loads(said(live, "scoring", "show", told["config_version"], "--json")[0])
    assert (second["in_force"], second["text"]) == (False, text_of(tmp_path, 2, 9))
    assert "9-none is none of 1-" in said(live, "scoring", "show", "9-none", code=1)[1]

    text, error = said(live, "scoring", "publish", scoring(tmp_path, 4, 9, half_life=7), *BY, "--yes", "--wait", "90")
    assert "in force at 2 of 2 partitions" in text, error
    assert (await live.marks()).served not in {None, 0}, "by a rebuild"


async def test_a_pod_with_an_old_file_goes_by_what_is_published_and_so_does_an_emptied_redis(
    live: Engine, tmp_path: Path
) -> None:
    live.run("topics", "create")
    said(live, "scoring", "publish", scoring(tmp_path, 5, 9), *BY, "--wait", "0")
    live.worker()

    async def in_force() -> bool:
        return (await live.list() or {}).get("config_version", "").startswith("5-")

    await live.until(in_force, 60, "the published file is not in force")
    assert "local_rules_ignored" in live.log_tails(), "its own file, version 1, is not read"
    async with Channel(live.redis_url) as channel:
        for key in await channel.call("KEYS", f"{live.prefix}*"):
            await channel.call("DEL", key)  # other tests share the server
    await live.until(in_force, 90, "nobody did anything, and it is not in force again")


async def test_without_a_worker_it_says_what_it_waits_for(live: Engine, tmp_path: Path) -> None:
    live.run("topics", "create")
    _, error = said(live, "scoring", "publish", scoring(tmp_path, 2), *BY, "--wait", "0.5", code=1)
    assert "it is published, and not in force everywhere yet" in error
    assert "a worker: none has used this Redis yet" in error
    assert "do not publish it again" in error


async def test_whoever_dies_between_the_record_and_its_effect(live: Engine, tmp_path: Path) -> None:
    live.run("topics", "create")
    dying = live.crashing("before_rules_move", 2)  # the first is the worker's own file, published by itself

    await live.until(live.first_scoring_moved, 60, "the worker did not publish its own file and move it into force")
    said(live, "scoring", "publish", scoring(tmp_path, 2, 9), *BY, "--wait", "0")

    async def dead() -> bool:
        return dying.process.poll() is not None

    await live.until(dead, 60, "the worker was not killed before it moved the rule")
    assert not (await live.list() or {})["config_version"].startswith("2-")
    follower = live.worker()

    async def in_force() -> bool:
        return follower.words().count("scoring_rolled_out") == live.partitions

    await live.until(in_force, 60, "the next owner did not bring it into force")
