"""`fit load`, `fit show`, `top` and `explain` on real servers, as a user meets them: words, JSON and exit codes."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.score.account import Account
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.config import scoring_file
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage import state
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.servers.finding import KafkaServer
from tests.build import event
from tests.live.engine import Engine, engine

ICP = {
    "icp": "b2b",
    "version": 1,
    "owner": {"name": "The tests", "email": "tests@example.com"},
    "review_by": "2099-01-01",
    "must_have": {"industry": {"in": ["B2B"]}},
    "base": 50,
    "points": [{"when": {"country": {"eq": "us"}}, "points": 30, "label": "in our market"}],
    "tiers": {"A": 80, "B": 50},
    "decisions": {"A": "chase", "B": "chase"},
}


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine without a worker."""
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text("domain,industry,country\na.com,B2B,us\nb.com,B2B,fr\nc.com,Retail,us\n")
        yield made


def said(live: Engine, *words: str, code: int = 0, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    done = processes.run([*COMMAND, *words], cwd=folder or ROOT, env=live.environment, timeout=60)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def load(live: Engine, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    return said(
        live,
        "fit",
        "load",
        str(live.folder / "accounts.csv"),
        "--icp",
        str(live.folder / "b2b.yaml"),
        *words,
        code=code,
    )


def test_a_fit_table_is_tried_loaded_and_asked_about(live: Engine) -> None:
    assert "signal-engine topics create" in load(live, code=2).stderr, (
        "the topics are missing, and it says what makes them"
    )
    live.run("topics", "create")
    tried = json.loads(load(live, "--dry-run", "--json").stdout)
    assert (tried["loaded"], tried["fit_version"], tried["accounts"], tried["rows_changed"]) == (False, 1, 3, 3)
    assert {(one["account_id"], one["change"], one["after"]["tier"]) for one in tried["changes"]} == {
        ("a.com", "enters", "A"),
        ("b.com", "enters", "B"),
    }
    assert json.loads(said(live, "fit", "show", "a.com", "--json").stdout)["fit_version"] is None, "it was a trial"

    loaded = json.loads(load(live, "--json").stdout)
    assert {**loaded, "loaded": False, "taken_over": None} == tried
    assert (loaded["loaded"], loaded["taken_over"]) == (True, "0 of 2 partitions")
    shown = json.loads(said(live, "fit", "show", "https://www.A.com/about", "--json").stdout)
    assert (shown["account_id"], shown["known"], shown["fit_version"]) == ("a.com", True, 1)
    assert (shown["fit"][0]["decision"], shown["fit"][0]["tier"]) == ("chase", "A")
    assert "not in the accounts file" in said(live, "fit", "show", "nobody.com").stdout
    assert said(live, "fit", "show", "10.0.0.1", code=2).stderr

    again = json.loads(load(live, "--json").stdout)
    assert (again["fit_version"], again["rows_changed"], again["changes"]) == (2, 0, [])
    (live.folder / "accounts.csv").write_text("domain,industry,country\nb.com,B2B,us\nc.com,Retail,us\n")
    result = load(live).stdout
    assert "0 accounts become chased, 1 no longer are, 1 change tier; 2 rows differ in total" in result
    assert "not in the file" in result


async def test_what_needs_redis_alone_works_without_kafka_and_from_any_folder(live: Engine) -> None:
    """Once a worker has run: how many partitions there are, and which scoring file is in force, is in Redis."""
    live.run("topics", "create")
    worker = live.worker()
    load(live)
    await live.until(lambda: _at_fit(live), 60, "the fit table is not in force")
    assert worker.end() == 0
    elsewhere = live.folder / "elsewhere"
    elsewhere.mkdir()
    live.set(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1", SCORING="not/there.yaml")
    shown = json.loads(said(live, "fit", "show", "a.com", "--json", folder=elsewhere).stdout)
    assert (shown["known"], shown["fit"][0]["tier"]) == (True, "A")
    words = ("fit", "load", str(live.folder / "accounts.csv"), "--icp", str(live.folder / "b2b.yaml"), "--dry-run")
    tried = json.loads(said(live, *words, "--json", folder=elsewhere).stdout)
    assert (tried["accounts"], tried["rows_changed"]) == (3, 0)
    result = json.loads(said(live, "explain", "a.com", "--json", folder=elsewhere).stdout)
    assert result["account_id"] == "a.com"
    what_if = json.loads(said(live, "explain", "a.com", "--what-if", "--json", folder=elsewhere).stdout)["what_if"]
    assert (what_if["score"], what_if["level"], what_if["no_alert_because"]) == (result["score"], "cold", None)
    both = json.loads(said(live, "compare", "a.com", "c.com", "--json", folder=elsewhere).stdout)
    assert [account["fit"][0]["decision"] for account in both["accounts"]] == ["chase", "ignore"]
    assert said(live, "top", folder=elsewhere)
    assert "Kafka does not answer" in said(live, *words[:-1], code=1, folder=elsewhere).stderr, "a load needs it"


async def _at_fit(live: Engine) -> bool:
    async with live.store() as store:
        return all([(await store.positions(number)).topics.get(FIT_VERSION) == 1 for number in range(2)])


async def test_a_list_whose_engine_has_died_is_stale_to_whoever_asks(live: Engine) -> None:
    """It was published as fresh, and nobody is left to publish that it is old."""
    live.run("topics", "create")
    worker = live.worker()

    async def published() -> bool:
        return (await live.list()) is not None

    await live.until(published, 60, "nothing is published")
    worker.end(signal.SIGKILL)
    fresh = await live.list()
    assert fresh is not None
    for seconds, stale in ((0, False), (61, True)):
        until = format_instant(clock() - 1_000 * seconds)
        async with Channel(live.redis_url) as channel:
            aged = json.dumps({**fresh, "complete_until": until, "stale": False})
            await channel.call("SET", f"{live.prefix}list:all", aged)
        assert json.loads(said(live, "top", "--json").stdout)["stale"] is stale
        assert json.loads(said(live, "explain", "a.com", "--json").stdout)["stale"] is stale
        for words in (("top",), ("explain", "a.com")):
            assert ("warning: stale: " in said(live, *words).stderr) is stale, words


def test_a_load_that_empties_the_market_asks_first_and_says_who_would_leave(live: Engine) -> None:
    live.run("topics", "create")
    accounts = live.folder / "accounts.csv"
    some = "domain,industry,country\na.com,B2B,us\nb.com,B2B,us\nd.com,B2B,us\n"
    accounts.write_text(some)
    load(live)

    accounts.write_text("domain,industry,country\nTotal: 3 accounts,,\n")
    refused = load(live, code=2).stderr
    assert "names no account: all 3 accounts chased now would leave; --yes loads it anyway" in refused
    accounts.write_text("domain,industry,country\na.com,B2B,us\n")
    refused = load(live, "--quiet", code=2).stderr
    assert "2 of the 3 accounts chased now would leave: b.com, d.com; --yes loads it anyway" in refused
    assert json.loads(said(live, "fit", "show", "d.com", "--json").stdout)["known"], "nothing was loaded"

    accounts.write_text(some.replace("d.com,B2B", "d.com,Retail"))
    assert "1 no longer are" in load(live).stdout, "one of three is not most"
    accounts.write_text("domain,industry,country\n")
    assert json.loads(load(live, "--yes", "--json").stdout)["accounts"] == 0


def test_what_is_wrong_with_an_accounts_file_is_told_first_and_the_load_goes_on(live: Engine) -> None:
    live.run("topics", "create")
    rows = "".join(f"no-{number},B2B,\n" for number in range(30))
    (live.folder / "accounts.csv").write_text(f"domain,industrie,suppressed\n{rows}a.com,B2B,n/k\n")
    result = load(live, "--dry-run").stderr
    first, second, *_ = [line for line in result.splitlines() if line.startswith("warning: ")]
    assert first.endswith("has no column industry, which ICP b2b requires: no account can fit it")
    assert second.endswith("has no column country, which ICP b2b uses: it counts as missing in every row")
    assert "column suppressed: 1 value is neither yes nor no" in result


async def test_a_load_that_raises_a_storm_of_alerts_asks_first(live: Engine) -> None:
    live.run("topics", "create")
    scoring_context = ScoringContext(
        scoring_file.parse("scoring", (ROOT / "config" / "scoring.yaml").read_bytes()).policy
    )
    names = [f"loud-{number}.com" for number in range(101)]
    now = clock()
    states = {name: state.encode(_hot(name, scoring_context, now)) for name in names}
    async with live.store() as store:
        partition_of = partitioner(2)
        for number in (0, 1):
            mine = {name: stored for name, stored in states.items() if partition_of(name) == number}
            await store.apply(Transaction(partition=number, counter=0, states=mine))
    rows = "".join(f"{name},B2B,us\n" for name in names)
    (live.folder / "accounts.csv").write_text("domain,industry,country\n" + rows)
    refused = load(live, code=2).stderr
    assert "101 alerts at once" in refused
    assert "--yes" in refused
    assert "--quiet" in refused
    assert json.loads(load(live, "--dry-run", "--json").stdout)["alerts"] == {"entered_hot": 101}
    assert json.loads(load(live, "--quiet", "--json").stdout)["loaded"] is True


def _hot(name: str, scoring_context: ScoringContext, now: int) -> Account:
    account = Account()
    for kind, fields in (
        ("engagement", {"activity": "demo_request", "persona": "cfo"}),
        ("engagement", {"activity": "pricing_view", "persona": "ceo"}),
        ("leadership", {"role": "CFO", "seniority": "c_level"}),
        ("funding", {"round": "series_b", "amount_usd": 50_000_000}),
        ("intent", {"score": 95}),
        ("intent", {"score": 95, "topic": "erp"}),
        ("hiring", {"seniority": "vp", "department": "sales"}),
        ("technographic", {"technology": "Snowflake"}),
    ):
        for number in range(3):
            more = {"event_id": f"{kind}-{number}-{sorted(fields.values(), key=str)}"}
            advance(account, event(kind, 100, now - number, account=name, **more, **fields), now, None, scoring_context)
    assert account.level == "hot"
    return account


def test_before_anything_was_published_top_and_explain_say_so(live: Engine) -> None:
    live.run("topics", "create")
    done = said(live, "top")
    assert (done.stdout, "No list has been published yet" in done.stderr) == ("", True)
    assert json.loads(said(live, "top", "--json").stdout)["entries"] == []
    assert "unknown list nowhere; the lists are all" in said(live, "top", "--list", "nowhere", code=2).stderr
    assert "nothing to explain yet" in said(live, "explain", "a.com", code=1).stderr
    assert (
        "--accounts is only used with event files"
        in said(live, "explain", "a.com", "--accounts", str(live.folder / "accounts.csv"), code=2).stderr
    )


@pytest.mark.parametrize("words", [("top",), ("explain", "a.com")])
def test_a_redis_that_is_away_is_named_and_its_password_is_not(live: Engine, words: tuple[str, ...]) -> None:
    live.set(REDIS_URL="redis://user:s3cret@127.0.0.1:1/0")
    result = said(live, *words, code=1).stderr
    assert "Redis at 127.0.0.1:1/0 cannot be reached" in result
    assert "s3cret" not in result
