"""`digest` on real servers: shown, drawn, written, and sent to a receiver that is shaped like Slack."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.entrypoints.commands.delivery.digest_sending import (
    begin_record,
    digest_ways,
    restore_stopped,
    send_digest,
)
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.delivery.stopped import stopped_digests
from signal_engine.entrypoints.wiring.inputs import read_routes
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.instants import format_instant
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.receivers.slack import SlackShaped
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine
from tests.outgoing.receivers import receiving

ROUTES = """\
version: 1
destinations:
  direct: {slack: {token_file: TOKEN, direct: true}}
  ops: {webhook: {url_file: /u, secret_file: /s}}
people:
  Ann Roe: {email: ann@example.com}
  Tess Own: {email: tests@example.com}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [direct], digest: daily 08:30}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        (tmp_path / "token").write_text("xoxb-secret")
        (tmp_path / "routes.yaml").write_text(ROUTES.replace("TOKEN", str(tmp_path / "token")))
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"), ROUTES=str(tmp_path / "routes.yaml"))
        owner = {"name": "The tests", "email": "Tests@Example.com"}
        (tmp_path / "b2b.yaml").write_text(json.dumps({**ICP, "owner": owner}))
        (tmp_path / "accounts.csv").write_text(
            "domain,industry,country,sdr\na.com,B2B,us,Ann Roe\nb.com,B2B,us,Ann Roe\nc.com,B2B,us,Bo Lind\n"
        )
        made.run("topics", "create")
        made.worker()
        made.run(
            "fit", "load", str(tmp_path / "accounts.csv"), "--icp", str(tmp_path / "b2b.yaml"), "--yes", "--wait", "60"
        )
        yield made


def settings_of(live: Engine) -> Settings:
    return Settings(
        kafka_bootstrap_servers=live.kafka,
        redis_url=live.redis_url,
        prefix=live.prefix,
        outgoing_allow="127.0.0.0/8",
    )


def said_by(live: Engine, *words: str) -> str:
    """On standard error."""
    return processes.run([*COMMAND, "digest", *words], env=live.environment, timeout=60).stderr


def shown(live: Engine, *words: str, code: int = 0) -> str:
    done = processes.run([*COMMAND, "digest", *words], env=live.environment, timeout=60)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout if code == 0 else done.stderr


async def asks_for_a_demo(live: Engine, *accounts: str) -> None:
    """Somebody at each does, and it is on the list."""
    place = partitioner(live.partitions)
    asked = {"occurred_at": format_instant(clock()), "activity": "demo_request", "persona": "CFO"}
    events = [{**asked, "event_id": f"e-{name}", "account_id": name} for name in accounts]
    await live.produce(
        [
            ToProduce("engagement", place(e["account_id"]), e["account_id"].encode(), json.dumps(e).encode(), e)
            for e in events
        ]
    )

    async def listed() -> bool:
        found = await live.list()
        return found is not None and {*accounts} <= {entry["account_id"] for entry in found["entries"]}

    await live.until(listed, 60, "not on the list")


async def test_it_is_shown_written_and_sent_once(live: Engine) -> None:
    await asks_for_a_demo(live, "a.com", "c.com")
    first = shown(live, "--person", "ann@example.com")
    assert "1 account on your list; from now on" in first
    assert "a.com: #1" in first
    assert "c.com" not in first
    assert "Nobody is listed." in shown(live, "--person", "Tess Own")

    settings = settings_of(live)
    routes = read_routes(live.environment["SIGNAL_ENGINE_ROUTES"])
    ann = routes.routing.team.named("Ann Roe")
    assert ann is not None
    shaped, due = SlackShaped("xoxb-secret", {ann.email: "U1"}, set()), clock()
    async with receiving(shaped) as receiver:
        (way,) = digest_ways(settings.model_copy(update={"slack_api": receiver.url}), routes)
        assert (await begin_record(settings, due)).begun
        assert (await send_digest(settings, way, ann, due)).end == "sent"
        assert (await send_digest(settings, way, ann, due)).end == "skipped"
        async with Channel(live.redis_url) as channel:
            lost = await channel.call("KEYS", f"{live.prefix}digest:*")
            assert await channel.call("DEL", *lost) == len(lost) > 1
        assert (await send_digest(settings, way, ann, due)).end == "uncertain", "it may have arrived: it had"
        assert (await send_digest(settings, way, ann, clock())).end == "sent", "the next one"
    assert [one["channel"] for one in shaped.posted] == ["U1", "U1"]

    await asks_for_a_demo(live, "b.com")
    after = shown(live, "--person", "Ann Roe")
    assert "1 entered" in after
    assert "b.com: #" in after
    table, page = live.folder / "digest.csv", live.folder / "digest.html"
    shown(live, "--csv", str(table))
    rows = [*csv.DictReader(io.StringIO(table.read_text("utf-8-sig")))]
    assert {(row["person"], row["account_id"], row["change"]) for row in rows} == {
        ("Ann Roe", "a.com", "same"), ("Ann Roe", "b.com", "entered"),
    }  # fmt: skip
    shown(live, "--person", "Ann Roe", "--preview", str(page))
    assert "b.com" in page.read_text("utf-8")
    assert "exists already; --yes overwrites it" in shown(live, "--csv", str(table), code=2)


async def test_who_unsubscribed_gets_none_after_a_loss_of_redis_and_is_turned_on_by_hand_alone(live: Engine) -> None:
    await asks_for_a_demo(live, "a.com")
    settings, routes = settings_of(live), read_routes(live.environment["SIGNAL_ENGINE_ROUTES"])
    ann = routes.routing.team.named("Ann Roe")
    assert ann is not None
    of, shaped = DigestsOf(ann.email, "direct"), SlackShaped("xoxb-secret", {ann.email: "U1"}, set())
    async with receiving(shaped) as receiver, Channel(live.redis_url) as channel:
        (way,) = digest_ways(settings.model_copy(update={"slack_api": receiver.url}), routes)
        assert await restore_stopped(settings, [way], [ann]) == 0
        assert await stopped_digests(settings, channel).stop(of, clock()) is None
        lost = await channel.call("KEYS", f"{live.prefix}digest:*")
        assert await channel.call("DEL", *lost) == len(lost) > 1
        await begin_record(settings, clock())
        assert (await send_digest(settings, way, ann, clock())).end == "stopped"
        assert "note: Ann Roe unsubscribed from digests at direct" in said_by(live, "--person", "Ann Roe")
        assert shown(live, "--person", "Ann Roe", "--resume") == "Ann Roe gets digests at direct again\n"
        assert await restore_stopped(settings, [way], [ann]) == 0
        assert (await send_digest(settings, way, ann, clock())).end == "sent"
    assert [one["channel"] for one in shaped.posted] == ["U1"]


async def test_the_owner_of_the_rule_sees_proposals(live: Engine) -> None:
    await asks_for_a_demo(live, "a.com")
    act = ("--by", "sam@example.com", "--reason", "an agency")
    live.run("account", "disposition", "a.com", "--outcome", "not_a_fit", *act)

    async def told() -> bool:
        return "a.com: sam@example.com says that it does not fit: an agency" in shown(live, "--person", "Tess Own")

    await live.until(told, 60, "the owner was not told")


def test_what_is_refused(live: Engine) -> None:
    assert "is none of the people in the routes file" in shown(live, "--person", "Nobody", code=2)
    assert "name --person" in shown(live, "--preview", "page.html", code=2)
    assert "use one of --send, --follow" in shown(live, "--send", "--follow", code=2)
    assert "this sends 2 digests; --yes sends them" in shown(live, "--send", code=2)
