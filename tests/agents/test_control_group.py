"""No tool says who is in a control group: agents are told what everybody but administrators is."""

import json

from signal_engine.engine.ports.controls import held_list
from tests.agents.asking import ERAS, answer, over_http, refusal
from tests.agents.test_http import asked
from tests.http.market import Market, market
from tests.http.test_control_groups import DRAWN, GROUP, OTHERS, SIGNALS


async def drawn(*accounts: str) -> Market:
    """A market whose group is drawn, and in which these have signals that make them hot."""
    made = market()
    made.context.control_group = GROUP
    for account in accounts:
        for fields in SIGNALS:
            await made.signal(account, **fields)
    await made.publish()
    return made


async def told(made: Market) -> list[str]:
    """Every answer that might tell of `DRAWN`."""
    with asked(made) as url:
        async with over_http(url, ERAS[1]) as client:
            answers = [
                await answer(client, "list_accounts", limit=100),
                await answer(client, "explain", account=DRAWN),
                await answer(client, "compare", account=DRAWN, other=OTHERS[0]),
                await answer(client, "alerts", limit=100),
                await refusal(client, "list_accounts", list=held_list("all")),
            ]
    return [json.dumps(one) for one in answers]


async def test_whoever_is_held_back_cannot_be_told_from_an_account_without_signals() -> None:
    held = await drawn(*OTHERS, DRAWN)
    assert DRAWN.encode() in (held.server.lists["", held_list("all")][1] or b""), "else this says nothing"
    for with_it, without in zip(await told(held), await told(await drawn(*OTHERS)), strict=True):
        assert with_it == without
