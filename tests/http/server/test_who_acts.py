"""Who may act, and from where: no other site acts through a person's browser, and nobody acts without a name."""

from typing import Any

import pytest
from starlette.responses import JSONResponse

from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.http.edge.who_acts import ACTOR
from tests.http.asking import Answer, ask
from tests.http.market import Market
from tests.http.server.test_access_control import basic

ACTIONS = "/v1/accounts/clearhythe.com/actions"
ANN, BOB = "ann@example.com", "bob@example.com"
OURS = "http://localhost:8080"
JSON = "application/json"


async def names_the_actor(scope: Any, receive: Any, send: Any) -> None:
    """An application that says who acts."""
    await JSONResponse({"actor": scope[ACTOR]})(scope, receive, send)


def guarded(lively: Market, **more: Any) -> Any:
    app = lively.app(**more)
    app._app = names_the_actor
    return app


async def posted(app: Any, target: str = ACTIONS, **headers: str) -> Answer:
    return await ask(app, target, "POST", **{"content_type": JSON, **headers})


FROM = [
    ({"sec_fetch_site": "same-origin"}, True, "our own page, as every current browser says"),
    ({"sec_fetch_site": "same-origin", "origin": OURS}, True, "our own page"),
    ({"origin": OURS}, True, "our own page in a browser without Sec-Fetch-Site"),
    ({"origin": "https://localhost:8080"}, True, "our own page behind a proxy with TLS"),
    ({"origin": "http://LOCALHOST:8080"}, True, "names of hosts have no case"),
    ({}, False, "nothing says where it comes from"),
    ({"origin": "null"}, False, "a sandboxed frame, or a file"),
    ({"origin": ""}, False, "an empty origin"),
    ({"origin": "https://evil.example"}, False, "another site"),
    ({"origin": "http://localhost:8081"}, False, "another server on this machine"),
    ({"origin": "http://localhost"}, False, "another port"),
    ({"origin": "http://localhost:8080.evil.example"}, False, "a name that begins like ours"),
    ({"origin": "ftp://localhost:8080"}, False, "no origin of a page"),
    ({"sec_fetch_site": "cross-site"}, False, "another site"),
    ({"sec_fetch_site": "cross-site", "origin": OURS}, False, "the browser knows better than the origin"),
    ({"sec_fetch_site": "same-site", "origin": "http://other.localhost:8080"}, False, "a neighbour"),
    ({"sec_fetch_site": "none"}, False, "typed by the user: no page sends a POST so"),
]


@pytest.mark.parametrize(("headers", "allowed", "why"), FROM, ids=[str(n) for n in range(len(FROM))])
async def test_without_bearer_only_our_own_page_acts(
    lively: Market, headers: dict[str, str], allowed: bool, why: str
) -> None:
    token, known_as = new_token(ANN)
    by_name = guarded(lively, tokens=known_as)
    alone = guarded(lively, actor=BOB)
    for told, actor in (
        (await posted(by_name, authorization=basic(token), **headers), ANN),
        (await posted(alone, **headers), BOB),
        (await posted(alone, authorization="Bearer of nothing", **headers), BOB),  # no token is asked for
    ):
        assert told.status == (200 if allowed else 403), (why, told.body)
        assert not allowed or told.json == {"actor": actor}
    bearer = await posted(by_name, authorization=f"Bearer {token}", **headers)
    assert (bearer.status, bearer.json) == (200, {"actor": ANN}), f"a program sends its own token: {why}"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 200),
        ("Application/JSON; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("application/jsonp", 415),
        ("text/plain; application/json", 415),
        ("", 415),
    ],
)
async def test_only_json_is_taken_since_a_form_of_another_site_cannot_send_it(
    lively: Market, kind: str, status: int
) -> None:
    token, known_as = new_token(ANN)
    app = guarded(lively, tokens=known_as)
    for given in (f"Bearer {token}", basic(token)):
        told = await posted(app, content_type=kind, authorization=given, sec_fetch_site="same-origin")
        assert told.status == status


async def test_tokens_that_name_nobody_read_and_do_not_act(lively: Market) -> None:
    (reader, reads), (old, acts) = new_token(), new_token(ANN)
    app = guarded(lively, tokens=f"{reads} {acts.replace(ANN + ':', '')}")
    for token in (reader, old):
        told = await posted(app, authorization=f"Bearer {token}")
        assert told.status == 403
        assert "act:EMAIL:SHA256" in told.json["detail"]
        assert (await ask(app, ACTIONS, authorization=f"Bearer {token}")).json == {"actor": None}


async def test_without_a_token_where_one_is_required_nobody_acts(lively: Market) -> None:
    app = guarded(lively, tokens=new_token(ANN)[1], actor=BOB)
    for headers in ({}, {"sec_fetch_site": "same-origin"}, {"authorization": "Bearer wrong"}):
        assert (await posted(app, **headers)).status == 401


async def test_without_tokens_nobody_acts_unless_the_settings_name_somebody(lively: Market) -> None:
    app = guarded(lively)
    assert (await posted(app, sec_fetch_site="same-origin")).status == 403
    assert (await ask(app, ACTIONS)).json == {"actor": None}


async def test_a_page_knows_who_may_act(lively: Market) -> None:
    token, known_as = new_token(ANN)
    assert (await ask(guarded(lively, tokens=known_as), "/", authorization=basic(token))).json == {"actor": ANN}
    assert (await ask(guarded(lively, actor=BOB), "/")).json == {"actor": BOB}


async def test_the_host_is_checked_before_anybody_acts(lively: Market) -> None:
    app = guarded(lively, actor=BOB, hosts=frozenset({b"localhost"}))
    rebound = {"host": "evil.example", "origin": "http://evil.example", "sec_fetch_site": "same-origin"}
    assert (await posted(app, **rebound)).status == 421


@pytest.mark.parametrize(
    "path", ["/v1/accounts/clearhythe.com", "/v1/lists/all", "/", "/v1/accounts//actions", "/x/actions"]
)
async def test_elsewhere_nothing_is_posted(lively: Market, path: str) -> None:
    told = await posted(guarded(lively, actor=BOB), path, sec_fetch_site="same-origin")
    assert (told.status, told.headers["allow"]) == (405, "GET, HEAD, OPTIONS")


async def test_no_other_method_changes_anything_and_options_says_what_there_is(lively: Market) -> None:
    app = guarded(lively, actor=BOB)
    for method in ("PUT", "DELETE", "PATCH"):
        told = await ask(app, ACTIONS, method, content_type=JSON, sec_fetch_site="same-origin")
        assert (told.status, told.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert (await ask(app, ACTIONS, "OPTIONS")).headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_pages_that_may_read_may_not_act(lively: Market) -> None:
    crm = "https://crm.example"
    app = guarded(lively, actor=BOB, origins=frozenset({crm.encode()}))
    asked = await ask(app, ACTIONS, "OPTIONS", origin=crm, access_control_request_method="POST")
    assert asked.headers["access-control-allow-methods"] == "GET, HEAD"
    assert (await posted(app, origin=crm)).status == 403
