"""What is kept of digests, on every server alike."""

import asyncio

from signal_engine.core.delivery.digest import SentBefore
from signal_engine.engine.digests.record import RecordSince, record_since
from signal_engine.wire.storage.sent_digests import decode, encode
from tests.transactions.places import Place

ROW = SentBefore(5, "sent", 6, 7, ("a.com", "ü.com"))


async def test_a_row_is_replaced_by_whoever_knows_it(place: Place) -> None:
    rows, first = place.sent_digests("p:"), encode(ROW)
    assert await rows.read("ann@example.com:direct") is None
    assert await rows.replace("ann@example.com:direct", None, first)
    assert not await rows.replace("ann@example.com:direct", None, b"second")
    assert not await rows.replace("ann@example.com:direct", b"another", b"second")
    assert decode(await rows.read("ann@example.com:direct") or b"") == ROW
    assert await rows.replace("ann@example.com:direct", first, b"second")
    assert await place.sent_digests("p:").read("ann@example.com:direct") == b"second"
    assert await rows.read("bo@example.com:direct") is None
    assert await place.sent_digests("q:").read("ann@example.com:direct") is None


async def test_since_when_rows_are_complete_is_said_by_the_first_who_asks(place: Place) -> None:
    rows = place.sent_digests("p:")
    assert await record_since(rows, 100) == RecordSince(100, begun=True)
    assert await record_since(rows, 200) == RecordSince(100, begun=False)
    assert await record_since(place.sent_digests("q:"), 300) == RecordSince(300, begun=True)


async def test_of_several_who_begin_at_once_all_go_by_one_instant(place: Place) -> None:
    rows = place.sent_digests("p:")
    found = await asyncio.gather(*(record_since(rows, now) for now in range(20)))
    assert sum(one.begun for one in found) == 1
    assert len({one.at for one in found}) == 1


async def test_what_was_written_reaches_the_disk(place: Place) -> None:
    rows = place.sent_digests("p:")
    assert await rows.replace("ann@example.com:direct", None, b"first")
    assert await rows.on_disk() in {True, None}, "None where the server keeps no append-only file"
