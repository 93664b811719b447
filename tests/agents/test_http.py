"""`mcp --http`: who may ask, and the live engine's answers, on a market in memory."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any, cast

import httpx2
import pytest

from signal_engine.adapters.agents.serving import http_app
from signal_engine.adapters.agents.tools import server_of
from signal_engine.adapters.http.agents.access import MCP_PATH, AgentControl
from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.probes import Readiness, Remembered
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import Tokens, new_token
from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.adapters.memory.redriven import MemoryRedriven
from signal_engine.core.delivery.team import NO_TEAM, Team, folded
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.entrypoints.commands.agents.live import LiveAnswers
from signal_engine.entrypoints.commands.agents.ready import readiness_of
from signal_engine.entrypoints.wiring.api_access import accepted_hosts
from signal_engine.entrypoints.wiring.connections import View
from signal_engine.entrypoints.wiring.settings import Settings
from tests.agents.asking import ERAS, answer, asks_everything, over_http, refusal
from tests.core.delivery.scene import ANN
from tests.http.market import PLAYS, Market, market
from tests.http.serving import serving

CALL = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {
        "name": "list_accounts",
        "arguments": {},
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": {"name": "t", "version": "0"},
        },
    },
}
HEADERS = {
    "MCP-Protocol-Version": "2026-07-28",
    "Mcp-Method": "tools/call",
    "Mcp-Name": "list_accounts",
    "accept": "application/json, text/event-stream",
}


@pytest.fixture(scope="module")
def lively() -> Market:
    return market(90)


def answers_of(market: Market) -> LiveAnswers:
    @asynccontextmanager
    async def opened(_: Settings) -> AsyncIterator[View]:
        yield View(market.store, market.controls, MemoryFitChanges(market.server), MemoryRedriven(market.server))

    return LiveAnswers(Settings(), PLAYS, opened, lambda: market.now)


@contextmanager
def asked(
    market: Market, tokens: str = "", origins: frozenset[bytes] = frozenset(), team: Team = NO_TEAM
) -> Iterator[str]:
    """The address at which agents ask about the market."""
    limits = RateLimit(0, lambda: 0.0), RateLimit(0, lambda: 0.0)
    access_policy = AccessPolicy(Tokens.parse(tokens), accepted_hosts("127.0.0.1", ""), origins, *limits)
    answers = answers_of(market)
    app = AgentControl(http_app(server_of(answers, "1", team), MCP_PATH), access_policy, partial(readiness_of, answers))
    listening = listen("127.0.0.1", 0)
    with serving(Server(app), listening):
        yield url_of(listening).removesuffix("/") + MCP_PATH


async def post(url: str, body: Any = CALL, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        return await http.post(url, json=body, headers={**HEADERS, **headers})


@pytest.mark.parametrize("era", ERAS)
async def test_every_tool_answers_of_the_live_engine(lively: Market, era: str) -> None:
    with asked(lively) as url:
        async with over_http(url, era) as client:
            first, second = (await answer(client, "list_accounts", limit=2))["accounts"]
            found = await asks_everything(client, first["account_id"], second["account_id"])
    served = (await answers_of(lively).served("all") or {})["entries"]
    assert [one["account_id"] for one in found["list_accounts"]["accounts"]] == [
        one["account_id"] for one in served[:20]
    ]
    assert found["list_accounts"]["listed"] == len(served)
    assert found["explain"]["account"]["score"] == served[0]["score"]
    assert found["explain"]["lists"][0] == {"list": "all", "rank": 1, "why_not": None, "why_not_in_words": None}
    assert found["compare"]["difference"] == pytest.approx(served[0]["score"] - served[1]["score"])
    assert len(found["alerts"]["alerts"]) == 3
    at = [one["at"] for one in found["alerts"]["alerts"]]
    assert at == sorted(at, reverse=True)


async def test_a_person_is_found_by_name_and_by_address_as_the_routes_file_says(lively: Market) -> None:
    name = next(one["sdr"] for one in (await answers_of(lively).served("all") or {})["entries"] if one["sdr"])
    team = Team({folded(name): ANN._replace(name=name)})
    with asked(lively, team=team) as url:
        async with over_http(url, ERAS[1]) as client:
            found = [await answer(client, "list_accounts", person=person) for person in (name, ANN.email.upper())]
            alerts = [await answer(client, "alerts", person=person) for person in (name, ANN.email.upper())]
    assert found[0]["accounts"] == found[1]["accounts"] != []
    assert alerts[0]["alerts"] == alerts[1]["alerts"] != []


async def test_asking_changes_nothing(lively: Market) -> None:
    before = await lively.store.counts(0), await lively.store.positions(0), await lively.store.positions(1)
    with asked(lively) as url:
        async with over_http(url, ERAS[1]) as client:
            first = (await answer(client, "list_accounts", limit=1))["accounts"][0]
            await asks_everything(client, first["account_id"], first["account_id"])
    assert before == (await lively.store.counts(0), await lively.store.positions(0), await lively.store.positions(1))


async def test_a_list_that_is_none_and_an_engine_that_never_ran(lively: Market) -> None:
    with asked(lively) as url:
        async with over_http(url, ERAS[1]) as client:
            assert "the lists are all, enterprise-fintech, midmarket-saas" in await refusal(
                client, "list_accounts", list="x"
            )
    with asked(Market()) as url:
        async with over_http(url, ERAS[1]) as client:
            assert "nothing to explain yet" in await refusal(client, "explain", account="acme.com")


async def test_a_token_of_the_api_is_required_where_there_are_any(lively: Market) -> None:
    token, known_as = new_token()
    with asked(lively, known_as) as url:
        refused = await post(url)
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert (await post(url, authorization="Bearer wrong")).status_code == 401
        assert (await post(url, authorization=f"Bearer {token}")).status_code == 200
        async with over_http(url, ERAS[0], authorization=f"Bearer {token}") as client:
            assert (await answer(client, "list_accounts"))["listed"] > 0


async def test_host_and_origin_are_checked(lively: Market) -> None:
    with asked(lively, origins=frozenset({b"https://ours.example"})) as url:
        assert (await post(url)).status_code == 200
        assert (await post(url, host="evil.example")).status_code == 421
        assert (await post(url, origin="https://evil.example")).status_code == 403
        assert (await post(url, origin="null")).status_code == 403
        assert (await post(url, origin="https://ours.example")).status_code == 200


async def test_a_page_of_a_named_origin_may_send_what_a_call_needs(lively: Market) -> None:
    """Its browser asks first, and sends no call with a header or a method that the answer does not name."""
    ours = "https://ours.example"
    asks = {"access-control-request-method": "POST", "access-control-request-headers": "content-type"}
    with asked(lively, new_token()[1], origins=frozenset({ours.encode()})) as url:
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            first = await http.request("OPTIONS", url, headers={"origin": ours, **asks})
            others = await http.request("OPTIONS", url, headers={"origin": "https://evil.example", **asks})
    assert (first.status_code, first.headers["access-control-allow-origin"]) == (204, ours)
    allowed = {one.strip().lower() for one in first.headers["access-control-allow-headers"].split(",")}
    assert {"authorization", "content-type", *(name.lower() for name in HEADERS if name != "accept")} <= allowed
    assert "POST" in first.headers["access-control-allow-methods"]
    assert (others.status_code, "access-control-allow-headers" in others.headers) == (403, False)


async def test_only_a_post_of_at_most_64_kib_asks(lively: Market) -> None:
    with asked(lively) as url:
        async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
            for method in ("GET", "DELETE", "PUT"):
                assert (await http.request(method, url)).status_code == 405
            assert (await http.post(url.removesuffix(MCP_PATH) + "/v1/lists", json={})).status_code == 405
        large = {**CALL, "params": {**CALL["params"], "arguments": {"list": "x" * 65_536}}}
        assert (await post(url, large)).status_code == 413
        assert (await post(url, **{"content-type": "text/plain"})).status_code == 415


async def get(url: str, path: str, **headers: str) -> httpx2.Response:
    async with httpx2.AsyncClient(trust_env=False, timeout=60) as http:
        return await http.get(url.removesuffix(MCP_PATH) + path, headers=headers)


async def test_probes_and_metrics_are_beside_the_tools(lively: Market) -> None:
    with asked(lively) as url:
        assert (await post(url)).status_code == 200
        assert (await get(url, "/livez")).json() == {"status": "ok"}
        ready = await get(url, "/readyz")
        assert (ready.status_code, ready.json()) == (200, {"status": "ready", "problems": []})
        figures = (await get(url, "/metrics")).text
    assert 'signal_engine_mcp_requests_total{endpoint="tools",status="200"} 1.0' in figures
    assert 'signal_engine_mcp_requests_total{endpoint="readyz",status="200"} 1.0' in figures
    assert "signal_engine_api_requests" not in figures, "they are another process's"


async def test_probes_need_no_token_and_metrics_one(lively: Market) -> None:
    token, known_as = new_token()
    with asked(lively, known_as) as url:
        assert [(await get(url, path)).status_code for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 401]
        assert (await get(url, "/metrics", authorization=f"Bearer {token}")).status_code == 200


async def test_readiness_says_what_agents_do_not_get() -> None:
    class Away:
        async def served(self, name: str) -> None:
            raise StoreUnreachable("Redis at localhost:1/0 cannot be reached: connection refused")

    away = await readiness_of(cast("Any", Away()))
    assert (away.status, away.problems) == ("unready", ("Redis is unreachable",)), "probes need no token"
    illegible = Market()
    illegible.server.documents["", 0, TOPICS] = b"{"
    broken = await readiness_of(answers_of(illegible))
    assert (broken.status, "cannot be read" in broken.problems[0]) == ("unready", True)
    empty = await readiness_of(answers_of(Market()))
    assert (empty.status, [*empty.problems]) == ("degraded", ["no list has been published yet"])
    old = market(90)
    old.now += 10 * 60_000
    stale = await readiness_of(answers_of(old))
    assert (stale.status, [*stale.problems]) == ("degraded", ["the lists are stale: is a worker running?"])


async def test_a_flood_of_probes_asks_redis_once_a_second() -> None:
    asked_for, now = [], [0.0]

    async def readiness() -> Readiness:
        asked_for.append(now[0])
        await asyncio.sleep(0)
        return Readiness.despite([])

    remembered = Remembered(readiness, lambda: now[0])
    await asyncio.gather(*(remembered() for _ in range(50)))
    assert asked_for == [0.0]
    now[0] = 1.0
    assert (await remembered()).status == "ready"
    assert asked_for == [0.0, 1.0]
