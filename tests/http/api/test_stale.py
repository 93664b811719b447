"""A publisher that has died cannot say that its lists are old: whoever is asked says so."""

from typing import Any

import pytest

from signal_engine.engine.read_model.list_cache import CachedList, is_stale
from tests.http.api.test_probes import Away
from tests.http.asking import ask
from tests.http.market import Market


async def opened() -> tuple[Market, Any, Any]:
    one = Market()
    await one.open()
    await one.history(20)
    await one.publish()
    store_snapshot = one.store_snapshot()
    assert await store_snapshot.poll()
    return one, store_snapshot, one.app(store_snapshot=store_snapshot)


async def test_a_list_becomes_stale_by_itself_and_whoever_polls_is_told() -> None:
    one, store_snapshot, app = await opened()
    fresh = await ask(app, "/v1/lists/all")
    assert fresh.json["stale"] is False
    one.now += 60_000
    await store_snapshot.poll()
    assert (await ask(app, "/v1/lists/all", if_none_match=fresh.headers["etag"])).status == 304
    one.now += 1
    await store_snapshot.poll()
    for target in ("/v1/lists/all", "/v1/lists/all?limit=2", "/v1/lists/all.csv", "/part/list"):
        result = await ask(app, target, if_none_match=fresh.headers["etag"])
        assert result.status == 200, target
        assert (await ask(app, target, if_none_match=result.headers["etag"])).status == 304, target
    result = await ask(app, "/v1/lists/all")
    assert result.json == {**fresh.json, "stale": True}
    assert {listed["stale"] for listed in (await ask(app, "/v1/lists")).json["lists"]} == {True}
    account = (await ask(app, "/v1/accounts/clearhythe.com")).json
    assert (account["stale"], account["complete_until"]) == (True, fresh.json["complete_until"])
    assert "stale" in (await ask(app, "/readyz")).json["problems"][0]
    for page in ("/", "/accounts/clearhythe.com"):
        body = (await ask(app, page)).body.decode()
        assert "The lists are behind." in body, page
    assert ">Stale<" in (await ask(app, "/health")).body.decode()
    await one.publish()
    await store_snapshot.poll()
    again = await ask(app, "/v1/lists/all", if_none_match=result.headers["etag"])
    assert (again.status, again.json["stale"]) == (200, False)


async def test_who_listens_is_told_when_a_list_becomes_stale_though_nothing_was_published() -> None:
    one, store_snapshot, _ = await opened()
    with store_snapshot.listening() as queue:
        await store_snapshot.poll()
        assert queue.empty()
        one.now += 61_000
        for _ in range(2):
            await store_snapshot.poll()
        result = [queue.get_nowait().document for _ in range(queue.qsize())]  # type: ignore[union-attr]
    assert [(news["list"], news["stale"]) for news in result] == [(name, True) for name in store_snapshot.lists]
    assert result[0]["etag"] == store_snapshot.served()["all"].etag


async def test_it_is_not_ready_while_lists_are_refused_whatever_the_reason() -> None:
    one, store_snapshot, app = await opened()
    await one.controls.serve("all", 2**52, b"no list")
    one.now += 20_000
    with pytest.raises(ValueError, match="invalid literal"):
        await store_snapshot.poll()
    assert (await ask(app, "/v1/lists/all")).status == 503
    result = await ask(app, "/readyz")
    assert (result.status, result.json["status"]) == (503, "unready")
    assert "cannot be read" in result.json["problems"][0]


async def test_before_the_first_look_it_is_not_ready() -> None:
    one = Market()
    one.generations = away = Away(one)  # type: ignore[assignment]
    away.away = True
    store_snapshot = one.store_snapshot()
    assert not await store_snapshot.poll()
    assert (await ask(one.app(store_snapshot=store_snapshot), "/readyz")).status == 503


def test_what_is_stale_stays_so_and_what_was_never_published_is_not() -> None:
    until = {"complete_until": "2026-01-01T00:00:00.000Z", "stale": False}
    began = 1_767_225_600_000
    assert [is_stale(until, began + after) for after in (0, 60_000, 60_001)] == [False, False, True]
    assert is_stale({**until, "stale": True}, began), "the publisher knew"
    never = CachedList("all", 0, None)
    assert never.at(began) is never
    assert not is_stale(never.listed, began)
