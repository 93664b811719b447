"""A flow of Workflows as a destination: cards within its limits, at its pace, and what its answers come to."""

import asyncio
from pathlib import Path
from typing import Any

import orjson
import pytest

from signal_engine.adapters.outgoing.extra_media.teams_sender import TeamsSender
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import TeamsPlace
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.extra_media.teams import MOST_OF_A_CARD, teams_message
from signal_engine.wire.messages.to_send import MessageToSend
from signal_engine.wire.output.crm_link import crm_link
from testing.receivers.teams import PATH, QUERY, TeamsShaped, problems, shown
from tests.outgoing.receivers import Handler, answers, poster, receiving
from tests.wire.delivery.alerts import evidence
from tests.wire.messages.test_content import CONTEXT, alert_of

LINKED = CONTEXT._replace(public_url="https://signals.example.com", crm=crm_link("https://crm.example.com/{crm_id}"))


def to_send(**changed: Any) -> MessageToSend:
    alert = alert_of(**changed)
    return MessageToSend(alert, message(alert, LINKED), LINKED, "d-1")


def sender(folder: Path, url: str, path: str = f"{PATH}?{QUERY}") -> TeamsSender:
    (folder / "url").write_text(f"{url}{path}\n")
    return TeamsSender(poster(), "destinations.chat", TeamsPlace(url_file=str(folder / "url")))


async def test_a_card_says_what_every_message_says_and_links_to_our_pages(tmp_path: Path) -> None:
    """The signature in the URL arrives as it was given: written anew it would be another one."""
    flow = TeamsShaped()
    async with receiving(flow) as receiver:
        attempt = await sender(tmp_path, receiver.url).send(to_send(), None)
    assert (attempt.end, attempt.receiver_id, flow.refused) == ("sent", None, [])
    (card,) = flow.posted
    assert shown(card)[:5] == [
        "Hot: Acme",
        "acme.com, tier A",
        "Why now: Hiring: VP Sales (sales) (Mon 30 Nov)",
        "Tipped by: Researching CRM (intent 82) (Mon 30 Nov)",
        "Score: 72 of 100 = hiring 30 + intent 25 + stack 17",
    ]
    assert "Next step: Name the role." in shown(card)
    assert [(one["title"], one["url"]) for one in card["actions"]] == [
        ("Open account", "https://signals.example.com/accounts/acme.com"),
        ("Open in CRM", "https://crm.example.com/ACC-1"),
    ]


async def test_cards_leave_at_the_pace_that_teams_takes(tmp_path: Path) -> None:
    flow = TeamsShaped()
    async with receiving(flow) as receiver:
        one = sender(tmp_path, receiver.url)
        ends = await asyncio.gather(*(one.send(to_send(), None) for _ in range(6)))
    assert [attempt.end for attempt in ends] == ["sent"] * 6


@pytest.mark.parametrize(("characters", "kept"), [(60, 5), (1_000, 4), (2_000, 2), (20_000, 0)])
def test_a_card_is_kept_below_20_kb_by_leaving_out_the_weakest_evidence(characters: int, kept: int) -> None:
    lines = [evidence(f"{number}", float(number), source_url="https://a.example/x") for number in range(1, 10)]
    made = message(alert_of(score=45.0, parts=[{"part": "intent", "points": 45.0, "evidence": lines}]), LINKED)
    wide = made._replace(
        evidence=tuple(line._replace(text=line.text + "\U0001f525" * characters) for line in made.evidence)
    )
    body = teams_message(wide)
    assert len(body) <= MOST_OF_A_CARD
    assert list(problems(orjson.loads(body))) == []
    told = [line for line in shown(orjson.loads(body)["attachments"][0]["content"]) if line.startswith("\N{BULLET} ")]
    assert [line[2] for line in told[:-1]] == [str(9 - number) for number in range(kept)]
    assert told[-1] == f"\N{BULLET} {9 - kept} more, weaker: intent {sum(range(1, 10 - kept))}"


def test_without_evidence_the_rest_is_cut_until_it_fits() -> None:
    content = to_send().content
    huge = content._replace(facts=tuple(fact._replace(text="\U0001f525" * 4_000) for fact in content.facts))
    assert len(teams_message(huge)) <= MOST_OF_A_CARD


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("{{DATE(2017-02-14T06:00:00Z, SHORT)}}", "{ {DATE(2017-02-14T06:00:00Z, SHORT)}}"),
        ("{{{TIME(2017-02-14T06:00:00Z)}}", "{ { {TIME(2017-02-14T06:00:00Z)}}"),
        ("**bold** [x](https://evil.example) <at>Ann</at>", "**bold** [x](https://evil.example) <at>Ann</at>"),
    ],
)
def test_nothing_of_the_text_is_markup_or_a_date(text: str, seen: str) -> None:
    request = orjson.loads(teams_message(to_send(why_now=text).content))
    assert list(problems(request)) == []
    assert any(seen in line for line in shown(request["attachments"][0]["content"]))


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (answers(202, ""), "sent"), (answers(200, ""), "sent"), (answers(400, "{}"), "failed"),
        (answers(413, ""), "failed"), (answers(429, "", Retry_After="7"), "retry"), (answers(503, ""), "retry"),
        (answers(410, ""), "disabled"), (answers(302, "", Location="https://a.example"), "failed"),
        (answers(502, ""), "uncertain"), (answers(504, ""), "uncertain"),
        (answers(400, '{"error": {"code": "WorkflowTriggerIsNotEnabled"}}'), "disabled"),
        (answers(400, '{"error": ["x"]}'), "failed"), (answers(400, "[1]"), "failed"),
    ],
)  # fmt: skip
async def test_what_an_answer_comes_to(answer: Handler, end: str, tmp_path: Path) -> None:
    async with receiving(answer) as receiver:
        attempt = await sender(tmp_path, receiver.url).send(to_send(), None)
    assert attempt.end == end
    assert attempt.retry_after_s == (7.0 if "429" in attempt.said else None)
    assert "sig=" not in attempt.said


async def test_a_flow_that_is_gone_switched_off_or_has_another_url_disables_the_destination(tmp_path: Path) -> None:
    flow = TeamsShaped(enabled=False)
    async with receiving(flow) as receiver:
        ends = [
            (await sender(tmp_path, receiver.url, path).send(to_send(), None)).end
            for path in (f"{PATH}?{QUERY}", f"{PATH}?{QUERY}x", f"/other?{QUERY}")
        ]
    assert ends == ["disabled"] * 3
    assert flow.posted == []


async def test_a_flow_that_nobody_answers_for_may_have_posted_it(tmp_path: Path) -> None:
    async def hangs_up(request: Any) -> Any:
        request.transport.abort()

    async with receiving(hangs_up) as receiver:
        one = sender(tmp_path, receiver.url)
        assert (await one.send(to_send(), None)).end == "uncertain"
    assert (await one.send(to_send(), None)).end == "retry"
    assert (await sender(tmp_path, "https://10.0.0.1").send(to_send(), None)).end == "failed"


async def test_it_can_neither_change_nor_find_a_card_and_says_so(tmp_path: Path) -> None:
    one = sender(tmp_path, "https://a.example")
    assert (one.capabilities.edits, one.capabilities.finds, one.capabilities.idempotent) == (False, False, False)
    assert (await one.update("x", to_send())).end == (await one.find("d-1", None, 0)).end == "failed"
    (tmp_path / "url").unlink()
    with pytest.raises(ConfigurationError, match=r"destinations\.chat\.teams\.url_file"):
        await one.send(to_send(), None)
