"""The stream of what is new: lists that changed, alerts, one watcher for all who listen."""

import asyncio
import json
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

from signal_engine.adapters.http.api.events import EventEndpoints
from signal_engine.adapters.http.edge.access_control import CLIENT
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.read_model.whose import concerns, person_of
from tests.http.asking import ask
from tests.http.market import Market

_SINCE_0_1 = ("sdr", "claimed_by", "recorded")
"""Fields of an alert that version 0.1 did not write."""


async def next_news(stream: Any, what: str) -> dict[str, Any]:
    """The next piece of news of that name."""
    async with asyncio.timeout(30):
        async for chunk in stream:
            head, _, data = chunk.decode().strip().partition("\ndata: ")
            if head == f"event: {what}":
                return json.loads(data)
    raise AssertionError("the stream has ended")


async def followed() -> tuple[Market, StoreSnapshot, Any]:
    one = Market()
    await one.open()
    await one.history(30)
    await one.publish()
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    return one, store_snapshot, EventEndpoints(store_snapshot)._stream(administers=False)


async def test_who_begins_to_listen_is_told_the_lists_as_they_are_and_then_what_changes() -> None:
    one, store_snapshot, stream = await followed()
    first = await next_news(stream, "list")
    assert (first["list"], first["version"]) == ("all", store_snapshot.lists["all"].version)
    await next_news(stream, "list"), await next_news(stream, "list")
    one.now += 60_000
    await one.signal("clearhythe.com", "leadership", role="Chief Financial Officer", change="joined", level="c_level")
    await one.publish()
    await store_snapshot.poll()
    changed = await next_news(stream, "list")
    assert changed["version"] > first["version"]
    await stream.aclose()


async def test_a_new_alert_is_told_once_and_a_backfilled_one_is_not() -> None:
    one, store_snapshot, stream = await followed()
    await next_news(stream, "list")
    account = store_snapshot.lists["all"].entries[-1]["account_id"]
    one.now += 2 * 86_400_000
    for _ in range(3):
        await one.signal(account)
    for _ in range(5):
        await store_snapshot.poll()
    alert = await next_news(stream, "alert")
    assert (alert["account_id"], alert["type"]) == (account, "hand_raise")
    assert alert["why_now"]
    queued = [news.what for news in next(iter(store_snapshot._listeners))._queue]  # type: ignore[attr-defined]
    assert "alert" not in queued
    await stream.aclose()


async def test_an_alert_of_version_0_1_is_told_with_what_it_says() -> None:
    one, store_snapshot, stream = await followed()
    await next_news(stream, "list")
    account = store_snapshot.lists["all"].entries[-1]["account_id"]
    one.now += 2 * 86_400_000
    for _ in range(3):
        await one.signal(account)
    data = one.store._data(one.partition_of(account))
    data.feed = {_as_of_0_1(alert): at for alert, at in data.feed.items()}
    for _ in range(5):
        assert await store_snapshot.poll()
    alert = await next_news(stream, "alert")
    assert (alert["account_id"], alert["type"]) == (account, "hand_raise")
    assert [alert[field] for field in _SINCE_0_1] == [None] * 3
    await stream.aclose()
    assert not concerns(json.loads(next(iter(data.feed))), person_of("who.ever@example.com"))


def _as_of_0_1(alert: bytes) -> bytes:
    return json.dumps({field: value for field, value in json.loads(alert).items() if field not in _SINCE_0_1}).encode()


async def test_a_slow_listener_is_let_go_and_so_are_all_at_the_end() -> None:
    one, store_snapshot, _ = await followed()
    with store_snapshot.listening() as slow:
        for _ in range(300):
            one.now += 60_000
            await one.publish()
            await store_snapshot.poll()
            if slow not in store_snapshot._listeners:
                break
        assert store_snapshot.listeners == 0
    with store_snapshot.listening() as other:
        store_snapshot.end()
        assert await other.get() is None


def listening(events: EventEndpoints, client: str) -> Any:
    asked = {"scope": {"query_string": b"", CLIENT: client}, "method": "GET"}
    return events.events(type("Asked", (), asked)())


async def test_there_are_only_so_many_streams_and_nobody_has_all_of_them(app: Any, lively: Market) -> None:
    store_snapshot = lively.store_snapshot()
    await store_snapshot.poll()
    events = EventEndpoints(store_snapshot, max_streams=3, max_streams_per_client=2)
    first, second = [await listening(events, "a") for _ in range(2)]
    with pytest.raises(HttpProblem, match="too many streams are open for this client") as problem:
        await listening(events, "a")
    assert (problem.value.status, problem.value.headers["Retry-After"]) == (429, "10")
    await listening(events, "b")
    with pytest.raises(HttpProblem, match=r"too many streams are open$") as problem:
        await listening(events, "c")
    assert (problem.value.status, problem.value.headers["Retry-After"]) == (503, "10")

    async def gone() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def broken(message: Any) -> None:
        raise OSError("the client has gone before the first piece")

    for stream in (first, second):
        with pytest.raises(ClientDisconnect):
            await stream({"type": "http", "asgi": {"spec_version": "2.4"}}, gone, broken)
    assert (await listening(events, "c")).status_code == 200, "one that never began has ended as well"
    assert (await ask(app, "/v1/events", "HEAD")).headers["content-type"].startswith("text/event-stream")
