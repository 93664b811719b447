"""The page of a link in a mail: opening it does nothing, its button acts once, under the name in the link alone."""

from collections.abc import Iterator
from typing import Any

import pytest

from signal_engine.adapters.http.edge.access_control import AccessControl
from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.http.replies.links import LinkPages
from signal_engine.adapters.http.replies.reply_door import ReplyDoor
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.delivery.team import Team
from signal_engine.core.rules.instants import DAY
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.messages.answers.action_links import LinkKey, action_link, token_of
from tests.http.action_topic import MemoryActionTopic
from tests.http.asking import Answer, ask
from tests.http.market import Market
from tests.http.replies.scene import ANN, BO, LEFT, reply_door_of

KEY = LinkKey("1", b"k" * 32)
FORM = {"content_type": "application/x-www-form-urlencoded"}
ACCOUNT = "acme.com"


@pytest.fixture
def topic(lively: Market) -> Iterator[MemoryActionTopic]:
    before, lively.actions = lively.actions, MemoryActionTopic(lambda: lively.now)
    yield lively.actions
    lively.actions = before


@pytest.fixture
async def authority(lively: Market, topic: MemoryActionTopic) -> ReplyDoor:
    return await reply_door_of(lively)


@pytest.fixture
async def app(lively: Market, authority: ReplyDoor) -> AccessControl:
    """With a token that everything else needs."""
    snapshot, routes = authority.store_snapshot, LinkPages(authority, [KEY]).routes()
    return lively.app(tokens=new_token(None)[1], store_snapshot=snapshot, replies=routes)


def path(lively: Market, action: Any = "claim", person: str = ANN.email, ago: int = 0, **more: Any) -> str:
    at = lively.now - ago
    link = action_link(action, ACCOUNT, person, more.pop("delivery_id", "d-1"), KEY, at, at)
    return f"/a/{token_of(link._replace(**more), KEY)}"


async def press(app: AccessControl, path: str) -> Answer:
    return await ask(app, path, "POST", b"", **FORM)


async def test_looking_does_nothing_however_often(app: Any, lively: Market, topic: MemoryActionTopic) -> None:
    for method in ("GET", "HEAD", "OPTIONS", "GET"):
        told = await ask(app, path(lively), method)
        assert told.status in {200, 204}
    assert f"Claim {ACCOUNT}?".encode() in told.body
    assert b'<form method="post"><button>Claim</button></form>' in told.body
    assert topic.taken == []


async def test_the_button_claims_once(app: Any, lively: Market, topic: MemoryActionTopic) -> None:
    link = path(lively)
    first, again = await press(app, link), await press(app, link)
    assert (first.status, again.status) == (200, 200)
    assert b"acme.com is yours" in first.body
    assert b"It was done before" not in first.body
    assert b"It was done before" in again.body
    (taken,) = topic.taken
    assert (taken.action.action, taken.action.account, taken.action.by) == ("claim", ACCOUNT, ANN.email)
    assert taken.action.via == "mail"


async def test_a_snooze_ends_a_week_after_the_alert(app: Any, lively: Market, topic: MemoryActionTopic) -> None:
    told = await press(app, path(lively, "snooze", ago=DAY))
    assert told.status == 200, told.body
    assert [(one.action.action, one.action.until) for one in topic.taken] == [("snooze", lively.now + 6 * DAY)]
    assert b"Until Sunday 8 March." in told.body


async def test_the_second_of_two_people_is_told_who_was_first(
    app: Any, lively: Market, topic: MemoryActionTopic
) -> None:
    assert (await press(app, path(lively))).status == 200
    told = await press(app, path(lively, person=BO.email))
    assert (told.status, len(topic.taken)) == (409, 1)
    assert b"ann@example.com has claimed the account" in told.body


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    ("link", "status", "said"),
    [
        (lambda market: path(market, ago=3 * DAY), 410, b"has expired"),
        (lambda market: path(market)[:-2], 404, b"not valid"),
        (lambda market: "/a/x", 404, b"not valid"),
        (lambda market: path(market, person=LEFT.email), 403, b"Only the people of the routes file"),
        (lambda market: path(market, person="eve@example.com"), 403, b"Only the people of the routes file"),
    ],
)
async def test_what_does_nothing_says_why(
    app: Any, lively: Market, topic: MemoryActionTopic, link: Any, status: int, said: bytes, method: str
) -> None:
    told = await ask(app, link(lively), method, **FORM)
    assert told.status == status
    assert said in told.body
    assert b"<form" not in told.body
    assert topic.taken == []


async def test_whoever_is_taken_out_of_the_file_acts_no_longer(lively: Market, authority: ReplyDoor) -> None:
    people = [TEAM_OF_ANN, Team({})]
    changing = authority._replace(team=lambda: people[0])
    app = lively.app(store_snapshot=authority.store_snapshot, replies=LinkPages(changing, [KEY]).routes())
    assert (await ask(app, path(lively))).status == 200
    people.pop(0)
    assert (await press(app, path(lively))).status == 403


TEAM_OF_ANN = Team({"ann roe": ANN})


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_while_somebody_edits_the_routes_file_the_link_says_to_try_again(
    lively: Market, authority: ReplyDoor, topic: MemoryActionTopic, method: str
) -> None:
    def unreadable() -> Team:
        raise ConfigurationError(["routes.yaml:3: people: is not a mapping"])

    said_before = len(lively.event_log.lines)
    routes = LinkPages(authority._replace(team=unreadable), [KEY]).routes()
    app = lively.app(store_snapshot=authority.store_snapshot, replies=routes)
    told = await ask(app, path(lively), method, **FORM)
    assert told.status == 503
    assert b"try again in a while" in told.body
    assert topic.taken == []
    ((_, word, facts),) = lively.event_log.lines[said_before:]
    assert (word, facts["reason"]) == ("action_not_confirmed", "routes.yaml:3: people: is not a mapping")


async def test_while_kafka_is_away_the_same_link_works_later(
    app: Any, lively: Market, topic: MemoryActionTopic
) -> None:
    topic.away = NoConnection("no broker")
    assert (await press(app, path(lively))).status == 503
    topic.away = None
    assert (await press(app, path(lively))).status == 200


async def test_nothing_tells_others_of_the_link(app: Any, lively: Market, topic: MemoryActionTopic) -> None:
    said_before = len(lively.event_log.lines)
    told = await press(app, path(lively))
    assert told.headers["referrer-policy"] == "no-referrer"
    assert told.headers["cache-control"] == "no-store"
    assert "form-action 'self'" in told.headers["content-security-policy"]
    await press(app, path(lively)[:-2])
    topic.away = NoConnection("no broker")
    await press(app, path(lively, delivery_id="d-2"))
    said = lively.event_log.lines[said_before:]
    assert [word for _, word, _ in said] == ["action_not_confirmed"]
    assert "/a/" not in repr(said)
    assert ANN.email not in repr(said)


async def test_only_replies_come_without_a_token(app: Any, lively: Market) -> None:
    assert (await ask(app, "/a/style.css")).status == 200
    for other in ("/a", "/a/x/y", "/accounts", "/v1/lists", "/slack/other"):
        assert (await ask(app, other)).status == 401
    assert (await ask(app, "/v1/lists", "POST")).status == 405


async def test_where_no_keys_are_set_there_are_no_links(lively: Market) -> None:
    app = lively.app(tokens=new_token(None)[1])
    assert (await ask(app, path(lively))).status == 401
    assert (await ask(app, path(lively), "POST")).status == 405


async def test_guessing_is_limited(lively: Market, authority: ReplyDoor) -> None:
    routes = LinkPages(authority, [KEY]).routes()
    app = lively.app(store_snapshot=authority.store_snapshot, replies=routes, rate=5)
    answers = [(await ask(app, f"/a/guess-{number}")).status for number in range(50)]
    assert 429 in answers


async def test_requests_without_a_token_use_up_nothing_of_what_links_may_take(
    lively: Market, authority: ReplyDoor
) -> None:
    """Behind a proxy all of them come from one address."""
    routes = LinkPages(authority, [KEY]).routes()
    tokens = new_token(None)[1]
    app = lively.app(tokens=tokens, store_snapshot=authority.store_snapshot, replies=routes, rate=5)
    assert [(await ask(app, "/v1/lists")).status for _ in range(50)].count(429) > 0
    assert (await ask(app, path(lively))).status == 200
