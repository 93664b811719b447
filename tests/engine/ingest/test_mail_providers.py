"""A mail provider is a company where the accounts file names it, and nobody's elsewhere: live as in a replay."""

import json
from pathlib import Path

from signal_engine.adapters.files.event_files import Arrivals, RefusedLine
from signal_engine.adapters.files.text_files import Source
from signal_engine.engine.partition.process_batch import process_batch
from tests.build import ACME, T0, after, fit
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch

PROVIDER, COMPANY = "gmail.com", "easypost.com"
RECORDS = (
    Rec(0, T0, event_bytes(account=PROVIDER)),
    Rec(1, T0, event_bytes(account=f"https://www.{COMPANY}/")),
    Rec(2, T0, event_bytes(account=ACME)),
)


async def test_one_that_is_in_no_accounts_file_is_refused_and_one_that_is_in_it_is_not() -> None:
    stand = Stand()
    await stand.fits(fit(account=COMPANY))
    assert await process_batch(stand.context, await stand.partition(), fetch(*RECORDS)) == []
    data = stand.data()
    assert data.states.keys() == {COMPANY, ACME}
    assert {name: data.counts[name] for name in ("applied", "rejected", "rejected:account")} == {
        "applied": 2, "rejected": 1, "rejected:account": 1,
    }  # fmt: skip
    (dead_letter,) = stand.producer.to(TOPICS.dead_letters)
    headers = dict(dead_letter.headers)
    assert (headers["dlq.reason"], headers["dlq.offset"]) == (b"account", b"0")
    assert headers["dlq.detail"] == b"account_id is a mail provider, not the sender's company"


async def test_once_the_accounts_file_names_it_its_events_count() -> None:
    stand = Stand()
    partition = await stand.partition()
    await process_batch(stand.context, partition, fetch(Rec(0, T0, event_bytes(account=PROVIDER))))
    assert not stand.data().states
    await stand.fits(fit(account=PROVIDER))
    await process_batch(
        stand.context, await stand.partition(), fetch(Rec(1, after(1), event_bytes(account=PROVIDER, at=after(1))))
    )
    assert stand.data().states.keys() == {PROVIDER}


def test_a_replay_refuses_the_same(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(
        b"\n".join(json.dumps({"kind": "intent", **json.loads(one.value or b"")}).encode() for one in RECORDS)
    )
    refused: list[RefusedLine] = []
    arrivals = Arrivals([Source(str(path))], refused.append, {COMPANY})
    taken = [arrival.event.account for block in arrivals.in_order() for arrival in block.arrivals]
    assert sorted(taken) == [ACME, COMPANY]
    assert [(line.line, line.refusal.reason) for line in refused] == [(1, "account")]
