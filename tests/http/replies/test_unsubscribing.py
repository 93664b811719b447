"""The link in a digest that ends digests: looking does nothing, one POST of a mail program does it."""

from typing import Any, NamedTuple

import pytest

from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.http.replies.unsubscribing import UnsubscribePages
from signal_engine.adapters.memory.sent_digests import MemorySentDigests
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.wire.messages.answers.action_links import LinkKey
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf, read_unsubscribe_token, unsubscribe_token
from tests.engine.digests.stopped import StoppedInMemory
from tests.engine.stand import Said
from tests.http.asking import ask
from tests.http.market import Market

pytestmark = pytest.mark.xdist_group("http")

KEY, OLD = LinkKey("2", b"k" * 32), LinkKey("1", b"o" * 32)
ANN = DigestsOf("ann@example.com", "mail")
ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"content_type": "application/x-www-form-urlencoded"}


class Scene(NamedTuple):
    app: Any
    rows: MemorySentDigests
    stopped: StoppedDigests
    log: StoppedInMemory
    said: Said


@pytest.fixture
async def scene(lively: Market) -> Scene:
    """With a token that everything else needs."""
    rows, said, snapshot = MemorySentDigests(MemoryServer()), Said(), lively.store_snapshot()
    assert await snapshot.poll()
    log = StoppedInMemory()
    stopped = StoppedDigests(rows, log)
    routes = UnsubscribePages(stopped, [KEY, OLD], lambda: lively.now, said).routes()
    app = lively.app(tokens=new_token(None)[1], store_snapshot=snapshot, replies=routes)
    return Scene(app, rows, stopped, log, said)


def path(of: DigestsOf = ANN, key: LinkKey = KEY) -> str:
    return f"/u/{unsubscribe_token(of, key)}"


async def test_looking_does_nothing_and_shows_a_button(scene: Scene) -> None:
    for method in ("GET", "HEAD", "GET"):
        told = await ask(scene.app, path(), method)
        assert told.status == 200
    assert b'<form method="post"><button>Unsubscribe</button></form>' in told.body
    assert await scene.stopped.stopped_at(ANN) is None


@pytest.mark.parametrize("key", [KEY, OLD], ids=["key", "the one before"])
async def test_one_click_of_a_mail_program_ends_them_once(scene: Scene, lively: Market, key: LinkKey) -> None:
    """Without cookies or an origin, and without a redirect, as RFC 8058 has it; again it changes nothing."""
    for _ in range(2):
        told = await ask(scene.app, path(key=key), "POST", ONE_CLICK, **FORM)
        assert (told.status, b"You are unsubscribed" in told.body) == (200, True)
    assert await scene.stopped.stopped_at(ANN) == lively.now
    assert await scene.stopped.stopped_at(ANN._replace(destination="other")) is None
    assert [line[1] for line in scene.said.lines] == ["digests_unsubscribed"]
    assert b"You are unsubscribed" in (await ask(scene.app, path())).body
    assert await scene.stopped.resume(ANN)
    assert not await scene.stopped.resume(ANN)
    assert await scene.stopped.stopped_at(ANN) is None


async def test_one_click_holds_while_kafka_is_away_and_the_log_says_what_is_not_kept(scene: Scene) -> None:
    """A mail program asks once: it is told that it worked, and it did."""
    scene.log.away = SignalEngineError("Kafka does not answer")
    told = await ask(scene.app, path(), "POST", ONE_CLICK, **FORM)
    assert (told.status, b"You are unsubscribed" in told.body) == (200, True)
    assert await scene.stopped.known(ANN) is not None
    ((level, name, facts),) = [line for line in scene.said.lines if line[1] != "digests_unsubscribed"]
    assert (level, name) == ("error", "unsubscribing_not_kept")
    assert facts == {"destination": "mail", "reason": "Kafka does not answer"}


async def test_what_nobody_signed_does_nothing(scene: Scene) -> None:
    right = path()
    other = unsubscribe_token(ANN, LinkKey("2", b"x" * 32))
    for wrong in (right[:-2], f"/u/{other}", "/u/x", f"{right}x", "/u/" + "a" * 3_000):
        assert (await ask(scene.app, wrong, "POST", ONE_CLICK, **FORM)).status == 404
    assert await scene.stopped.stopped_at(ANN) is None


def test_a_token_names_nobody_else() -> None:
    assert read_unsubscribe_token(unsubscribe_token(ANN, KEY), [KEY]) == ANN
    assert read_unsubscribe_token(unsubscribe_token(ANN, KEY), [OLD]) is None


async def test_without_the_store_it_says_that_nothing_changed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(*_: object) -> None:
        raise StoreTrouble("gone")

    monkeypatch.setattr(scene.rows, "read", fails)
    told = await ask(scene.app, path(), "POST", ONE_CLICK, **FORM)
    assert (told.status, b"Nothing was changed" in told.body) == (503, True)
