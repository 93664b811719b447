"""`sync run` by hand beside the process: each record is written once."""

import asyncio

from signal_engine.engine.sync.following import FollowingSink, confirm
from signal_engine.engine.sync.records import RecordSink
from tests.engine.stand import Said
from tests.outgoing.crm.stands import hubspot


async def test_two_that_begin_at_once_write_each_record_once() -> None:
    async with hubspot(creates=True) as (portal, stand, client):
        await confirm(stand.ledger, stand.market.now)
        sinks = [RecordSink("crm", "hubspot", stand.ledger, client, creates=True) for _ in range(2)]
        both = [FollowingSink(one, stand.ledger, stand.opened, Said()) for one in sinks]
        await asyncio.gather(*(one.step() for one in both))
        assert [one.problem for one in both] == [None, None]
        everybody = len(stand.market.inputs.fits)
        assert sorted(one.counts.get("written", 0) for one in both) == [0, everybody]
        assert sum("upsert" in call for call in portal.calls) == 1
