"""Clicks in Slack: signed or refused, answered at once, and done under the name of one of our people alone."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from signal_engine.adapters.http.edge.access_control import AccessControl
from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.http.replies.slack import SlackClicks
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.adapters.outgoing.posting import Poster, Unanswered
from signal_engine.adapters.outgoing.slack_people import ClickingPeople
from signal_engine.core.rules.instants import DAY, SECOND
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import DestinationModel
from signal_engine.wire.messages.answers.slack_replies import reply_elements
from testing.receivers.slack import SlackShaped, click, signature
from tests.http.action_topic import MemoryActionTopic
from tests.http.asking import Answer, ask
from tests.http.market import Market
from tests.http.replies.scene import ANN, BO, LEFT, reply_door_of
from tests.outgoing.receivers import answers, poster, receiving
from tests.wire.messages.test_content import alert_of

SECRET, OLD = "signing-secret", "the-one-before"
PEOPLE = {ANN.email.upper(): "U1", BO.email: "U2", LEFT.email: "U3", "eve@example.com": "U4"}
CLAIM, SNOOZE, DISPOSITION = reply_elements(alert_of(), "west")
NOT_OURS = "Nothing was changed: only the people of the routes file act from messages, until they leave."


class Scene(NamedTuple):
    app: AccessControl
    market: Market
    slack: SlackShaped
    url: str
    """Where answers to clicks go."""

    async def press(self, user: str, element: dict[str, Any], at: int = 1_700_000_100, url: str = "") -> Answer:
        return await self.post(click(user, element, url or self.url, at))

    async def post(self, body: bytes, secret: str = SECRET, age_s: int = 0, **changed: str) -> Answer:
        signed = signature(secret, self.market.now // SECOND - age_s, body)
        headers = {name.replace("-", "_"): value for name, value in signed.items()} | changed
        form = "application/x-www-form-urlencoded"
        return await ask(self.app, "/slack/interactions", "POST", body, content_type=form, **headers)

    @property
    def told(self) -> list[str]:
        return [one["text"] for one in self.slack.answers]


@pytest.fixture
def topic(lively: Market) -> Iterator[MemoryActionTopic]:
    before, lively.actions = lively.actions, MemoryActionTopic(lambda: lively.now)
    yield lively.actions
    lively.actions = before


@pytest.fixture
async def scene(lively: Market, topic: MemoryActionTopic, tmp_path: Path) -> AsyncIterator[Scene]:
    token = tmp_path / "token"
    token.write_text("xoxb-secret")
    west = DestinationModel.model_validate({"slack": {"token_file": str(token), "channel": "#west"}})
    slack = SlackShaped("xoxb-secret", PEOPLE, {"#west"}, teams={})
    async with receiving(slack) as receiver:
        people = ClickingPeople(poster(), lambda: {"west": west}, f"{receiver.url}/api")
        reply_door = await reply_door_of(lively)
        clicks = SlackClicks(reply_door, people, [SECRET, OLD], lambda: lively.now)
        snapshot = reply_door.store_snapshot
        app = lively.app(tokens=new_token(None)[1], store_snapshot=snapshot, replies=clicks.routes())
        yield Scene(app, lively, slack, f"{receiver.url}/response/1")


async def test_a_claim_is_one_of_whoever_clicked(scene: Scene, topic: MemoryActionTopic) -> None:
    told = await scene.press("U1", CLAIM)
    assert (told.status, told.body) == (200, b"")
    (taken,) = topic.taken
    assert (taken.action.action, taken.action.account, taken.action.by) == ("claim", "acme.com", ANN.email)
    assert taken.action.via == "slack"
    assert scene.told == ["You have claimed acme.com until Monday 16 March."]
    assert scene.slack.answers[0]["response_type"] == "ephemeral"
    assert scene.slack.answers[0]["replace_original"] is False


async def test_a_snooze_and_an_outcome(scene: Scene, topic: MemoryActionTopic) -> None:
    await scene.press("U1", SNOOZE)
    await scene.press("U2", DISPOSITION)
    snooze, outcome = (one.action for one in topic.taken)
    assert (snooze.action, snooze.until) == ("snooze", scene.market.now + 7 * DAY)
    assert (outcome.action, outcome.outcome, outcome.by) == ("disposition", "contacted", BO.email)


async def test_the_same_click_twice_is_once(scene: Scene, topic: MemoryActionTopic) -> None:
    for _ in range(2):
        assert (await scene.press("U1", CLAIM)).status == 200
    assert len(topic.taken) == 1
    await scene.press("U1", CLAIM, at=1_700_000_200)
    assert len(topic.taken) == 2


async def test_the_second_of_two_people_is_told_who_was_first(scene: Scene, topic: MemoryActionTopic) -> None:
    await scene.press("U1", CLAIM)
    await scene.press("U2", CLAIM)
    assert len(topic.taken) == 1
    assert scene.told[1].startswith("Nothing was changed: ann@example.com has claimed the account until")


@pytest.mark.parametrize("user", ["U3", "U4", "U9"])
async def test_nobody_else_acts(scene: Scene, topic: MemoryActionTopic, user: str) -> None:
    assert (await scene.press(user, CLAIM)).status == 200
    assert scene.told == [NOT_OURS]
    assert topic.taken == []


async def test_an_address_counts_only_in_our_own_workspace(scene: Scene, topic: MemoryActionTopic) -> None:
    """In a channel shared with others, their administrators choose the addresses of their people."""
    scene.slack.teams["U1"] = "T-other"
    await scene.press("U1", CLAIM)
    assert scene.told == [NOT_OURS]
    assert topic.taken == []


async def test_both_secrets_count_while_one_is_replaced(scene: Scene, topic: MemoryActionTopic) -> None:
    assert (await scene.post(click("U1", CLAIM, scene.url), secret=OLD)).status == 200
    assert len(topic.taken) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"secret": "another"}, {"age_s": 301}, {"age_s": -301}, {"x_slack_signature": ""},
        {"x_slack_signature": "v0=x"}, {"x_slack_signature": "v0=\x80"}, {"x_slack_request_timestamp": ""},
        {"x_slack_request_timestamp": "soon"}, {"x_slack_request_timestamp": "9" * 400},
        {"x_slack_request_timestamp": "-1"},
    ],
    ids=str,
)  # fmt: skip
async def test_what_slack_did_not_sign_just_now_is_refused(
    scene: Scene, topic: MemoryActionTopic, wrong: dict[str, Any]
) -> None:
    assert (await scene.post(click("U1", CLAIM, scene.url), **wrong)).status == 401
    assert (topic.taken, scene.slack.calls) == ([], [])


@pytest.mark.parametrize(
    "body",
    [
        b"", b"payload=", b"payload=%7B", b"payload=%5B%5D", b"x=1&" * 50,
        click("U1", {**CLAIM, "action_id": "signal_engine_kill"}, "https://x.example/"),
        click("U1", {**CLAIM, "value": '{"account": 1}'}, "https://x.example/"),
        click("U1", {**CLAIM, "value": '{"account": "acme.com", "to": "west", "outcome": "kill"}'}, "https://x.example/"),
        click("U1", {"type": "button", "url": "https://signals.example.com"}, "https://x.example/"),
        click("U1", CLAIM, "https://x.example/", kind="view_submission"),
    ],
)  # fmt: skip
async def test_what_is_none_of_our_buttons_is_taken_and_does_nothing(
    scene: Scene, topic: MemoryActionTopic, body: bytes
) -> None:
    assert (await scene.post(body)).status == 200
    assert (topic.taken, scene.slack.calls) == ([], [])


async def test_bytes_that_are_no_text_are_signed_by_nobody(scene: Scene) -> None:
    assert (await scene.post(b"payload=\xff\xfe")).status == 401


async def test_an_answer_goes_to_slack_alone(scene: Scene, topic: MemoryActionTopic) -> None:
    async with receiving(answers(200)) as other:
        await scene.press("U1", CLAIM, url=f"{other.url}/response/1")
    assert len(topic.taken) == 1
    assert (scene.told, other.requests) == ([], [])


@pytest.mark.parametrize(
    ("api", "url", "takes"),
    [
        ("https://slack.com/api", "https://hooks.slack.com/actions/T1/2/3", True),
        ("https://slack-gov.com/api", "https://hooks.slack-gov.com/actions/T1/2/3", True),
        ("https://slack.com/api", "https://hooks.slack-gov.com/actions/T1/2/3", False),
        ("https://slack.com/api", "https://hooks.slack.com.evil.example/1", False),
        ("https://slack.com/api", "https://hooks.slack.com@evil.example/1", False),
        ("https://slack.com/api", "http://hooks.slack.com/actions/T1/2/3", False),
    ],
)
async def test_where_slack_takes_answers_follows_from_where_its_api_is(api: str, url: str, takes: bool) -> None:
    asked: list[str] = []

    class Remembers(Poster):
        async def post(self, url: str, body: bytes, headers: Mapping[str, str], most: int | None = None) -> Unanswered:
            asked.append(url)
            return Unanswered("nobody is there")

    await ClickingPeople(Remembers(), dict, api).tell(url, "done")
    assert asked == ([url] if takes else [])


async def test_while_kafka_is_away_the_person_is_told(scene: Scene, topic: MemoryActionTopic) -> None:
    topic.away = NoConnection("no broker")
    assert (await scene.press("U1", CLAIM)).status == 200
    assert scene.told == ["Nothing was changed: the engine cannot take it at the moment; try again in a while."]


async def test_a_routes_file_that_cannot_be_read_lets_nobody_act(
    scene: Scene, lively: Market, topic: MemoryActionTopic
) -> None:
    def broken() -> Any:
        raise ConfigurationError(["routes.yaml:3: is wrong"])

    reply_door = (await reply_door_of(lively))._replace(team=broken)

    class Known:
        async def email(self, destination: str, user: str) -> str:
            return ANN.email

        async def tell(self, response_url: str, text: str) -> None:
            told.append(text)

    told: list[str] = []
    clicks = SlackClicks(reply_door, Known(), [SECRET], lambda: lively.now)
    app = lively.app(store_snapshot=reply_door.store_snapshot, replies=clicks.routes())
    assert (await scene._replace(app=app).press("U1", CLAIM)).status == 200
    assert told == ["Nothing was changed: the engine cannot take it at the moment; try again in a while."]
    assert topic.taken == []
