"""`icp publish`, `list`, `history`, `rollback` and `retire` on real servers: no accounts file is needed any more."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.servers.finding import KafkaServer
from tests.live.engine import Engine, engine

BY = ("--by", "dana@example.com", "--reason", "They win.", "--yes")


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        (tmp_path / "accounts.csv").write_text("domain,employee_count\na.com,50\nb.com,150\nc.com,900\n")
        yield made


def icp(folder: Path, version: int, at_least: int, name: str = "b2b") -> str:
    path = folder / f"{name}-{version}.yaml"
    path.write_text(
        f"icp: {name}\nversion: {version}\nowner: {{name: Dana, email: dana@example.com}}\nreview_by: 2099-01-01\n"
        f"must_have:\n  employee_count: {{gte: {at_least}}}\nbase: 60\ntiers: {{A: 60}}\ndecisions: {{A: chase}}\n"
    )
    return str(path)


def said(live: Engine, *words: str, code: int = 0) -> tuple[str, str]:
    done = processes.run([*COMMAND, *words], cwd=ROOT, env=live.environment, timeout=120)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr, live.log_tails())
    return done.stdout, done.stderr


def decided(live: Engine) -> dict[str, list[tuple[str, int, str]]]:
    """Account -> ICP, version and decision, as `fit show` tells them."""
    shown = {name: json.loads(said(live, "fit", "show", name, "--json")[0])["fit"] for name in ("a.com", "b.com")}
    return {name: [(one["icp"], one["version"], one["decision"]) for one in fit] for name, fit in shown.items()}


async def test_an_icp_is_published_decides_everybody_and_goes_back(live: Engine, tmp_path: Path) -> None:
    live.run("topics", "create")
    accounts = str(tmp_path / "accounts.csv")
    said(live, "fit", "load", accounts, "--icp", icp(tmp_path, 1, 100), "--yes")
    live.worker()
    said(live, "icp", "publish", icp(tmp_path, 1, 100), *BY)
    assert decided(live) == {"a.com": [("b2b", 1, "ignore")], "b.com": [("b2b", 1, "chase")]}

    text, error = said(live, "icp", "publish", icp(tmp_path, 2, 40), *BY[:-1], code=2)
    assert "1 enter those to chase, 0 leave, 0 are decided otherwise, 0 change tier; 2 stay as they are" in text
    assert "1 (enters) by: employee_count is at least 100" in text
    assert "this changes b2b (of 3 accounts 1 enter those to chase" in error
    assert "--yes publishes it" in error
    told = json.loads(said(live, "icp", "publish", icp(tmp_path, 2, 40), *BY, "--dry-run", "--json")[0])
    (change,) = told["icps"][0]["accounts"]["changes"]
    assert (change["account_id"], change["change"], told["published"]) == ("a.com", "enters", False)
    assert decided(live)["a.com"] == [("b2b", 1, "ignore")], "nothing was published"

    text, _ = said(live, "icp", "publish", icp(tmp_path, 2, 40), *BY)
    assert "+  employee_count: {gte: 40}" in text
    assert "a.com enters ignore chase A" in " ".join(text.split())
    assert "b2b version 2 published in place of version 1" in text
    assert "in force at 2 of 2 partitions" in text
    assert decided(live)["a.com"] == [("b2b", 2, "chase")], "without an accounts file"

    told = json.loads(said(live, "icp", "show", "b2b", "--json")[0])
    assert (told["version"], told["published"]["in_force"], told["published"]["reason"]) == (2, True, "They win.")
    assert told["must_have"] == [{"field": "employee_count", "words": "is at least 40"}]
    told = json.loads(said(live, "icp", "show", "b2b", "--version", "1", "--json")[0])
    assert (told["must_have"][0]["words"], told["published"]["in_force"]) == ("is at least 100", False)
    assert "published: b2b" in said(live, "icp", "show", "other", code=2)[1]
    assert "published: 1, 2" in said(live, "icp", "show", "b2b", "--version", "9", code=2)[1]

    _, error = said(live, "icp", "publish", icp(tmp_path, 3, 1), "--by", "kim@example.com", "--reason", "Mine.", code=1)
    assert "belongs to dana@example.com, who alone publishes it" in error
    _, error = said(live, "fit", "load", accounts, "--icp", icp(tmp_path, 2, 40), "--yes", code=2)
    assert "`signal-engine icp publish` changes them" in error
    said(live, "fit", "load", accounts, "--yes", "--wait", "60")
    assert decided(live)["a.com"] == [("b2b", 2, "chase")], "a load is decided by what is published"

    error = said(live, "icp", "rollback", "b2b", *BY[:-1], code=2)[1]
    assert "of 3 accounts 0 enter those to chase, 1 leave" in error
    text, _ = said(live, "icp", "rollback", "b2b", *BY)
    assert "1 (leaves) by: employee_count is at least 100" in text
    assert decided(live) == {"a.com": [("b2b", 3, "ignore")], "b.com": [("b2b", 3, "chase")]}
    said(live, "icp", "publish", icp(tmp_path, 1, 40, "other"), *BY)
    text, _ = said(live, "icp", "retire", "b2b", *BY)
    assert "2 (leaves) by: the ICP is taken out of force" in text
    assert decided(live)["a.com"] == [("other", 1, "chase")]
    assert "--version shows one of its versions: 1, 2, 3" in said(live, "icp", "show", "b2b", code=2)[1]
    (only,) = json.loads(said(live, "icp", "list", "--json")[0])["versions"]
    assert (only["icp"], only["owner"], only["by"]) == ("other", "dana@example.com", "dana@example.com")
    told = json.loads(said(live, "icp", "history", "b2b", "--json")[0])["versions"]
    assert [(one["version"], one["rollback_to"]) for one in told] == [(3, 1), (2, None), (1, None)]


async def test_a_redis_that_lost_everything_has_the_published_icps_again(live: Engine, tmp_path: Path) -> None:
    live.run("topics", "create")
    said(live, "fit", "load", str(tmp_path / "accounts.csv"), "--icp", icp(tmp_path, 1, 100), "--yes")
    live.worker()
    said(live, "icp", "publish", icp(tmp_path, 2, 40), *BY)
    async with Channel(live.redis_url) as channel:
        for key in await channel.call("KEYS", f"{live.prefix}*"):
            await channel.call("DEL", key)  # other tests share the server

    async def again() -> bool:
        return decided(live)["a.com"] == [("b2b", 2, "chase")]

    await live.until(again, 120, "nobody did anything, and it is not in force again")


async def test_the_first_worker_publishes_the_local_icps_and_later_ones_only_compare(
    live: Engine, tmp_path: Path
) -> None:
    live.run("topics", "create")
    path = icp(tmp_path, 1, 100)
    live.set(ICPS=f"{path}, {icp(tmp_path, 3, 500, 'large')}")
    worker = live.worker()

    async def published() -> bool:
        return "first_rules_published" in worker.words()

    await live.until(published, 60, "the ICP files are not published")
    told = json.loads(said(live, "icp", "list", "--json")[0])["versions"]
    assert [(one["icp"], one["version"], one["by"]) for one in told] == [
        ("b2b", 1, "first start"),
        ("large", 3, "first start"),
    ]
    said(live, "fit", "load", str(tmp_path / "accounts.csv"), "--yes", "--wait", "60")
    assert decided(live)["b.com"] == [("b2b", 1, "chase"), ("large", 3, "ignore")]
    icp(tmp_path, 1, 1)
    assert worker.end() == 0
    second = live.worker()

    async def compared() -> bool:
        return "local_rules_ignored" in second.words()

    await live.until(compared, 60, "a local file that differs is not said")
    assert decided(live)["a.com"] == [("b2b", 1, "ignore"), ("large", 3, "ignore")]


def test_local_icps_that_cannot_be_in_force_stop_the_worker(live: Engine, tmp_path: Path) -> None:
    live.run("topics", "create")
    live.set(ICPS=str(tmp_path / "missing.yaml"))
    assert "missing.yaml: cannot be read" in said(live, "worker", code=2)[1]
    live.set(ICPS=f"{icp(tmp_path, 1, 100)},{icp(tmp_path, 2, 100)}")
    assert "is also the id of" in said(live, "worker", code=2)[1]
