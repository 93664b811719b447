"""Everything that can go wrong with a server is one of three states of affairs, told without a secret."""

import asyncio
import contextlib
import gc
import re
import traceback
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import quote

import pytest
from redis import exceptions

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.troubles import trouble
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.store import (
    NotAllowed,
    StoreBusy,
    StoreFull,
    StoreTrouble,
    StoreUnreachable,
    WrongServer,
)
from signal_engine.engine.ports.transaction import Applied, TopicRead, Transaction
from tests.transactions.own_server import embedded_server
from tests.transactions.places import RedisPlace
from tests.transactions.writing.test_fence import full

PASSWORD = "s3cr/et @p%ss"
STEP = Transaction(partition=0, counter=0)


async def trouble_of(url: str) -> StoreTrouble:
    """What a transaction says of the server at `url`; neither it nor its traceback holds the password."""
    with pytest.raises(StoreTrouble) as caught:
        async with Channel(url, answer_within=0.3) as channel:
            await RedisStore(channel).apply(STEP)
    shown = "".join(traceback.format_exception(caught.value))
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "s3cr"):
        assert secret not in shown
    return caught.value


def with_password(url: str, user: str = "") -> str:
    return url.replace("://", f"://{user}:{quote(PASSWORD, safe='')}@")


@asynccontextmanager
async def something_else(reply: bytes | None) -> AsyncIterator[str]:
    """A server that answers every command with `reply`, or never."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while asked := await reader.read(65536):
            if reply is not None:
                writer.write(reply * len(re.findall(rb"\*\d+\r\n", asked)))
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


async def test_nobody_there_is_unreachable() -> None:
    error = await trouble_of(with_password("redis://127.0.0.1:1/5"))
    assert isinstance(error, StoreUnreachable)
    assert "127.0.0.1:1/5" in str(error)


async def test_a_server_that_does_not_answer_is_unreachable() -> None:
    async with something_else(None) as url:
        assert isinstance(await trouble_of(with_password(url)), StoreUnreachable)


async def test_a_server_that_is_still_loading_is_unreachable() -> None:
    async with something_else(b"-LOADING Redis is loading the dataset in memory\r\n") as url:
        assert isinstance(await trouble_of(url), StoreUnreachable)


async def test_what_is_no_redis_is_a_wrong_server() -> None:
    async with something_else(b"HTTP/1.1 400 Bad Request\r\n\r\n") as url:
        assert isinstance(await trouble_of(with_password(url)), WrongServer)


@pytest.mark.parametrize("user", ["", "somebody"])
async def test_a_wrong_password_is_a_wrong_server(channel: Channel, user: str) -> None:
    assert isinstance(await trouble_of(with_password(f"redis://{channel.address}", user)), WrongServer)


async def test_a_server_that_quotes_its_arguments_does_not_tell_the_password() -> None:
    quoting = f"-ERR unknown command 'AUTH', with args beginning with: '{PASSWORD}' \r\n"
    async with something_else(quoting.encode()) as url:
        error = await trouble_of(with_password(url))
    assert str(error).endswith("unknown command 'AUTH'")


def test_a_password_anywhere_in_the_words_is_masked() -> None:
    error = trouble(exceptions.ResponseError("ERR bad user:hunter2 at\nhunter2"), "here", ("hunter2",))
    assert str(error) == "Redis at here cannot be used: ERR bad user:*** at ***"


async def test_where_nothing_listens_is_said_in_words() -> None:
    error = await trouble_of("redis://127.0.0.1:1/0")
    assert str(error) == "Redis at 127.0.0.1:1/0 cannot be reached: connection refused; nothing is listening there"


@pytest.mark.parametrize("url", ["redis://:s3cr/et@localhost:1/0", "http://:s3cr@localhost", "s3cr", ""])
async def test_a_url_that_cannot_be_read_is_not_quoted(url: str) -> None:
    error = await trouble_of(url)
    assert isinstance(error, WrongServer)
    assert "percent-encoded" in str(error)


async def test_the_right_password_opens() -> None:
    with embedded_server(None, "--requirepass", PASSWORD) as url:
        assert isinstance(await trouble_of(url), WrongServer)
        async with Channel(with_password(url)) as channel:
            assert await RedisStore(channel).apply(STEP) == Applied(1)


async def test_a_replica_is_a_wrong_server() -> None:
    with embedded_server(None, "--replicaof", "127.0.0.1", "1") as url:
        error = await trouble_of(url)
    assert isinstance(error, WrongServer)
    assert "replica" in str(error)


async def test_a_full_server_takes_nothing_of_a_transaction_and_all_of_it_later(channel: Channel) -> None:
    place = RedisPlace(channel)
    store = place.store()
    await store.apply(full(0, 0, TopicRead("signals.intent", 0, 1), b"first"))
    before = await place.snapshot()
    transaction = full(0, 1, TopicRead("signals.intent", 1, 2), b"second")
    await channel.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreFull, match="out of memory"):
            await store.apply(transaction)
        assert (await store.load(0, ["acme.com"])).states == [b"first"]
    finally:
        await channel.call("CONFIG", "SET", "maxmemory", 0)
    assert await place.snapshot() == before
    assert await store.apply(transaction) == Applied(2)


async def test_a_server_that_cannot_write_to_its_disk_is_full() -> None:
    misconf = b"-MISCONF Redis is configured to save RDB snapshots, but is unable to persist to disk.\r\n"
    async with something_else(misconf) as url:
        assert isinstance(await trouble_of(url), StoreFull)


PASSING: list[tuple[str, type[StoreTrouble], str]] = [
    ("-READONLY You can't write against a read only replica.", StoreBusy, "replica"),
    ("-NOREPLICAS Not enough good replicas to write.", StoreFull, "too few replicas"),
    (
        "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.",
        StoreUnreachable,
        "BUSY",
    ),
    ("-LOADING Redis is loading the dataset in memory", StoreUnreachable, "loading"),
    ("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.", StoreUnreachable, "MASTER"),
    ("-TRYAGAIN Multiple keys request during rehashing of slot", StoreUnreachable, "slot"),
    ("-CLUSTERDOWN The cluster is down", StoreUnreachable, "cluster"),
    ("-MISCONF Redis is configured to save RDB snapshots, but is unable to persist to disk.", StoreFull, "disk"),
    ("-ERR max number of clients reached", StoreUnreachable, "clients"),
    ("-OOM command not allowed when used memory > 'maxmemory'.", StoreFull, "out of memory"),
    ("-NOAUTH Authentication required.", StoreBusy, "refuses user"),
    ("-WRONGPASS invalid username-password pair or user is disabled.", StoreBusy, "password"),
    ("-NOPERM this user has no permissions to run the 'zadd' command", NotAllowed, "zadd"),
]


@pytest.mark.parametrize(("reply", "kind", "named"), PASSING, ids=[reply[1:].split()[0] for reply, _, _ in PASSING])
@pytest.mark.parametrize("where", ["at once", "at the end of the transaction"])
async def test_what_passes_by_itself_is_told_from_what_does_not(
    reply: str, kind: type[StoreTrouble], named: str, where: str
) -> None:
    if where != "at once":
        reply = f"-EXECABORT Transaction discarded because of: {reply[1:]}"
    async with something_else(f"{reply}\r\n".encode()) as url:
        error = await trouble_of(url)
    if "max number" in reply and where != "at once":
        assert isinstance(error, WrongServer)  # no server says so: it is said to whoever connects
        return
    assert type(error) is kind
    assert named in str(error)


async def test_a_connection_to_a_server_that_became_a_replica_is_made_anew(channel: Channel) -> None:
    """Its name may lead to the new primary by now."""
    store = RedisStore(channel)
    await store.apply(STEP)
    async with Channel(f"redis://{channel.address}") as other:
        before = {one.split()[0] for one in (await other.call("CLIENT", "LIST")).splitlines()}
        await other.call("REPLICAOF", "127.0.0.1", "1")
        try:
            with pytest.raises(StoreBusy):
                await store.apply(Transaction(partition=0, counter=1))
        finally:
            await other.call("REPLICAOF", "NO", "ONE")
        assert await store.apply(Transaction(partition=0, counter=1)) == Applied(2)
        after = {one.split()[0] for one in (await other.call("CLIENT", "LIST")).splitlines()}
    assert len(after - before) == 1


async def test_a_server_that_forgot_the_script_is_told_it_again(channel: Channel) -> None:
    store = RedisStore(channel)
    for counter in range(3):
        await channel.call("SCRIPT", "FLUSH")
        assert await store.apply(Transaction(partition=0, counter=counter)) == Applied(counter + 1)


async def test_a_call_that_was_given_up_does_not_leave_its_reply_to_the_next(channel: Channel) -> None:
    store = RedisStore(channel)
    await store.apply(Transaction(partition=0, counter=0, states={"a": b"state"}))
    for _ in range(20):
        asked = asyncio.create_task(channel.call("BLPOP", "nothing", 5))
        blocked = 0
        while not blocked:  # until the server has it
            blocked = int((await channel.call("INFO", "clients")).partition(b"blocked_clients:")[2].split()[0])
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        assert (await store.load(0, ["a"])).states == [b"state"]


async def test_a_connection_that_broke_is_made_again(channel: Channel) -> None:
    store = RedisStore(channel)
    assert await store.apply(STEP) == Applied(1)
    async with Channel(f"redis://{channel.address}") as other:
        await other.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    with contextlib.suppress(StoreUnreachable):  # at most one call notices
        await store.positions(0)
    assert (await store.positions(0)).counter == 1


async def test_a_refusal_is_a_value_that_holds_on_to_nothing(redis_url: str) -> None:
    """A worker's collector runs seldom, and a server that is too old refuses some commands again and again."""
    async with Channel(redis_url) as channel:
        (refused,) = await channel.answers([("NO-SUCH-COMMAND",)])
        assert isinstance(refused, exceptions.ResponseError)
        assert refused.__traceback__ is None
        assert refused.__context__ is None
        there = weakref.ref(refused)
        gc.disable()
        try:
            del refused
            assert there() is None, "only the collector would find it"
        finally:
            gc.enable()


async def test_more_callers_than_connections_wait_for_one(redis_url: str) -> None:
    """Ten thousand alerts at once, or as many requests, are no outage of Redis."""
    async with Channel(redis_url) as channel:
        answers = await asyncio.gather(*(channel.call("ECHO", str(number)) for number in range(500)))
        (clients,) = await channel.calls([("CLIENT", "LIST")])
    assert answers == [str(number).encode() for number in range(500)]
    assert len(clients.splitlines()) <= 110
