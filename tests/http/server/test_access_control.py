"""Who is let through, and what every answer says."""

import asyncio
import base64
from typing import Any

import pytest
from starlette.responses import Response

from signal_engine.adapters.http.edge.access_control import MAX_REQUESTS_PER_CLIENT
from signal_engine.adapters.http.edge.tokens import Tokens, new_token, presented
from tests.http.asking import ask
from tests.http.market import Market

ALWAYS = {"content-security-policy", "x-content-type-options", "cross-origin-resource-policy"}
PAGES = ALWAYS | {"referrer-policy", "x-frame-options", "cross-origin-opener-policy"}


def basic(token: str) -> str:
    return "Basic " + base64.b64encode(f"anybody:{token}".encode()).decode()


async def guarded(lively: Market, **more: Any) -> Any:
    store_snapshot = lively.store_snapshot()
    await store_snapshot.poll()
    return lively.app(store_snapshot=store_snapshot, **more)


async def test_with_tokens_only_those_who_have_one_read(lively: Market) -> None:
    (reader, reads), (actor, acts), (stranger, _) = new_token(), new_token("ann@example.com"), new_token()
    app = await guarded(lively, tokens=f"{reads}, {acts}\n")
    for target in (
        "/v1/lists/all",
        "/v1/accounts/clearhythe.com",
        "/v1/alerts",
        "/metrics",
        "/openapi.json",
        "/nowhere",
    ):
        for given in (None, "Bearer", f"Bearer {stranger}", f"bearer {reads}", "Basic !!", basic("x"), reader):
            result = await ask(app, target, **({"authorization": given} if given else {}))
            assert (result.status, result.headers["content-type"]) == (401, "application/problem+json"), (target, given)
            assert "www-authenticate" in result.headers
            assert not given or given not in result.body.decode()
        for given in (f"Bearer {reader}", f"bearer {actor}", basic(reader)):
            assert (await ask(app, target, authorization=given)).status == (404 if target == "/nowhere" else 200)
    for target in ("/livez", "/readyz"):
        assert (await ask(app, target)).status == 200


@pytest.mark.parametrize(
    "wrong",
    [
        "read", "read:12", "write:" + "a" * 64, "read:" + "g" * 64, "a" * 64,
        "read:ann@example.com:" + "a" * 64, "act:ann:" + "a" * 64, "act:@example.com:" + "a" * 64, "act::" + "a" * 64,
        "act:a@b@c:" + "a" * 64,
    ],
)  # fmt: skip
def test_tokens_that_are_no_hashes_are_refused_without_being_quoted(wrong: str) -> None:
    with pytest.raises(ValueError, match="token 1 is not") as refused:
        Tokens.parse(wrong)
    assert "aaaa" not in str(refused.value)


def test_a_token_that_acts_names_a_person_and_one_that_names_nobody_reads() -> None:
    (token, known_as), digest = new_token("ann@example.com"), "b" * 64
    assert known_as.startswith("act:ann@example.com:")
    tokens = Tokens.parse(f"{known_as} act:{digest}")
    assert tokens.unnamed == 1
    accepted = tokens.accepted(f"Bearer {token}".encode())
    assert accepted is not None
    assert accepted.actor == "ann@example.com"
    capitals = Tokens.parse(known_as.replace("ann@example", "Ann@Example")).accepted(f"Bearer {token}".encode())
    assert capitals == accepted, "actions and owners are compared in lower case"
    with pytest.raises(ValueError, match="token 2 is there already"):
        Tokens.parse(f"{known_as} {known_as.replace('ann', 'bob')}")


def test_what_a_header_presents() -> None:
    assert presented(b"Bearer abc") == b"abc"
    assert presented(basic("a:b").encode()) == b"a:b"
    for nothing in (None, b"", b"Bearer ", b"Digest abc", b"Basic abc", b"Basic " + base64.b64encode(b"name only")):
        assert presented(nothing) is None


async def test_every_answer_bears_the_headers_that_keep_a_browser_safe(app: Any) -> None:
    for target in ("/v1/lists/all", "/nowhere", "/v1/lists/all?limit=x", "/livez", "/", "/static/live.js", "/alerts"):
        result = await ask(app, target)
        assert (ALWAYS if target.startswith("/v1/") else PAGES) <= result.headers.keys(), target
        assert "unsafe" not in result.headers["content-security-policy"]
        assert "access-control-allow-origin" not in result.headers


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
async def test_nothing_can_be_changed(app: Any, method: str) -> None:
    result = await ask(app, "/v1/lists/all", method)
    assert (result.status, result.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_head_and_options(app: Any) -> None:
    whole, head = await ask(app, "/v1/lists/all"), await ask(app, "/v1/lists/all", "HEAD")
    assert (head.status, head.headers["etag"]) == (200, whole.headers["etag"])
    assert head.headers["content-length"] == str(len(whole.body))
    options = await ask(app, "/v1/lists/all", "OPTIONS")
    assert (options.status, options.headers["allow"], options.body) == (204, "GET, HEAD, OPTIONS", b"")


async def test_we_are_asked_for_by_our_names_only(lively: Market) -> None:
    app = await guarded(lively, hosts=frozenset({b"localhost", b"[::1]"}))
    for host in ("localhost", "LOCALHOST:8080", "[::1]:8080", "[::1]"):
        assert (await ask(app, "/v1/lists", host=host)).status == 200, host
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.example:8080", "", "[::2]"):
        assert (await ask(app, "/v1/lists", host=host)).status == 421, host


async def test_other_pages_read_only_where_they_are_named(lively: Market) -> None:
    app = await guarded(lively, origins=frozenset({b"https://crm.example"}))
    result = await ask(app, "/v1/lists", origin="https://crm.example")
    assert result.headers["access-control-allow-origin"] == "https://crm.example"
    asked = await ask(app, "/v1/lists", "OPTIONS", origin="https://crm.example", access_control_request_method="GET")
    assert "Authorization" in asked.headers["access-control-allow-headers"]
    for origin in ("https://evil.example", "null", "https://crm.example.evil.example"):
        result = await ask(app, "/v1/lists", origin=origin)
        assert "access-control-allow-origin" not in result.headers
        assert result.headers["vary"] == "Origin"


async def test_who_asks_too_often_waits(lively: Market) -> None:
    app = await guarded(lively, rate=2)
    assert [(await ask(app, "/v1/lists")).status for _ in range(5)] == [200, 200, 200, 200, 429]
    result = await ask(app, "/v1/lists")
    assert result.headers["retry-after"] == "1"
    now = lively.now
    try:
        lively.now += 1_000
        assert [(await ask(app, "/v1/lists")).status for _ in range(3)] == [200, 200, 429]
    finally:
        lively.now = now


async def test_strangers_behind_the_same_proxy_use_up_nothing_of_those_who_have_a_token(lively: Market) -> None:
    (one, knows_one), (other, knows_other) = new_token(), new_token()
    app = await guarded(lively, tokens=f"{knows_one} {knows_other}", rate=2)
    for given in ({}, {"authorization": "Bearer wrong"}):
        assert 401 in {(await ask(app, "/v1/lists", **given)).status for _ in range(3)}
    assert (await ask(app, "/v1/lists")).status == 429, "guesses are counted, too"
    assert (await ask(app, "/v1/lists", "OPTIONS")).status == 429
    mine = [(await ask(app, "/v1/lists", authorization=f"Bearer {one}")).status for _ in range(5)]
    assert mine == [200, 200, 200, 200, 429]
    assert (await ask(app, "/v1/lists", authorization=f"Bearer {other}")).status == 200, "each token by itself"


async def test_probes_are_answered_however_often(lively: Market) -> None:
    app = await guarded(lively, rate=1)
    assert {(await ask(app, path)).status for path in ("/livez", "/readyz") for _ in range(20)} == {200}


async def test_one_client_has_only_so_many_requests_open(lively: Market) -> None:
    app = await guarded(lively)
    done = asyncio.Event()

    async def slow(scope: Any, receive: Any, send: Any) -> None:
        await done.wait()
        await Response(status_code=204)(scope, receive, send)

    app._app = slow
    asked = [asyncio.create_task(ask(app, "/v1/alerts")) for _ in range(MAX_REQUESTS_PER_CLIENT + 1)]
    refused, rest = await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    assert [one.result().status for one in refused] == [429]
    app._app, probed = Response(status_code=204), app._app
    assert (await ask(app, "/readyz")).status == 204, "probes are answered"
    app._app = probed
    done.set()
    assert {one.status for one in await asyncio.gather(*rest)} == {204}
    assert (await ask(app, "/v1/alerts")).status == 204
    assert not app._open
