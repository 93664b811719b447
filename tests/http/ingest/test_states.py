"""Hooks that are state feeds: only changes are events, and a delivery that fails half-way gives the same ids again."""

import asyncio
import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.http.ingest.hooks import ServedHook
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.intake.states.seen import Seen
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.seen_records import seen_record
from tests.http.asking import Answer
from tests.http.ingest.stand import NAMES, Kafka, Stand, hooks_in

SECRET = "s3cret"
HOOKS = """
hooks:
  lookups:
    mapping: lookups.yaml
    signature:
      {scheme: hmac-sha256, header: X-Sig, timestamp_header: X-At, secret_file: FOLDER/secret}
"""
LOOKUPS = """
mapping: lookups
reads: json
each: found
state_feed: true
produces: technographic
account: site
event_id: [name]
fields: {technology: name}
constants: {change: adopted, source: lookups}
"""
DAY_S = 86_400


class FollowsKafka:
    """What the topic of the stand has; it can be away, and it can be slow."""

    def __init__(self, kafka: Kafka) -> None:
        self.kafka = kafka
        self.fails: Exception | None = None

    async def up_to_date(self) -> Seen:
        await asyncio.sleep(0)  # another delivery would get in between here, were it not for the lock
        if self.fails is not None:
            raise self.fails
        records = [one for one in self.kafka.records if one.topic == NAMES.feeds_seen]
        return Seen(seen_record(one.key, one.value) for one in records)


class _States(Stand):
    def __init__(self, hooks: dict[str, ServedHook], kafka: Kafka) -> None:
        self.follows = FollowsKafka(kafka)
        super().__init__(hooks, seen=self.follows, kafka=kafka)

    async def deliver(self, *names: str, site: str = "acme.com", also: Any = None) -> Answer:
        rows = [{"site": site, "name": name} for name in names] + ([also] if also is not None else [])
        raw = json.dumps({"found": rows}).encode()
        at = str(self.now // 1_000)
        signature = hmac.new(SECRET.encode(), f"{at}.".encode() + raw, hashlib.sha256).hexdigest()
        return await self.post(raw, "/v1/hooks/lookups", x_sig=signature, x_at=at)

    def told(self) -> list[tuple[str, str]]:
        events = [json.loads(one.value or b"") for one in self.kafka.records if one.topic in NAMES.signals.values()]
        return [(one["technology"], one["change"]) for one in events]

    def ids(self) -> list[str]:
        events = [json.loads(one.value or b"") for one in self.kafka.records if one.topic in NAMES.signals.values()]
        return [one["event_id"] for one in events]


@pytest.fixture
def stand(tmp_path: Path) -> _States:
    return _States(hooks_in(tmp_path, HOOKS, secret=f"{SECRET}\n", lookups_yaml=LOOKUPS), Kafka())


async def test_only_changes_are_events(stand):
    answers = []
    for names in (("CRM", "CMS"), ("CRM", "CMS"), ("CRM", "CMS", "CDP"), ("CMS", "CDP"), ("CRM", "CMS", "CDP")):
        answers.append((await stand.deliver(*names)).json["accepted"])
        stand.now += DAY_S * 1_000
    assert answers == [0, 0, 1, 1, 1]
    assert stand.told() == [("CDP", "adopted"), ("CRM", "dropped"), ("CRM", "adopted")]
    assert len(set(stand.ids())) == 3


async def test_a_delivery_is_all_there_is_of_the_accounts_that_it_names(stand):
    await stand.deliver("CRM", "CMS")
    await stand.deliver("CRM", site="other.com")
    await stand.deliver("CDP", "CRM", "CMS")
    assert stand.told() == [("CDP", "adopted")], "the other account is another delivery's"


@pytest.mark.parametrize("lost_from", range(3))
async def test_a_delivery_that_fails_half_way_gives_the_same_ids_again(stand, lost_from):
    await stand.deliver("CRM", "CMS", "CDP")
    stand.now += DAY_S * 1_000
    stand.kafka.lost_from = lost_from  # of the events, and of the records that follow them
    failed = await stand.deliver("CRM", "CMS", "ERP", "BI")
    before = set(stand.ids())
    stand.kafka.lost_from = None
    stand.now += 60_000
    again = await stand.deliver("CRM", "CMS", "ERP", "BI")
    assert (failed.status, again.status) == (503, 202)
    assert before <= set(stand.ids())
    assert len(set(stand.ids())) == 3, "two adopted, one dropped: whoever knows ids counts each once"
    assert (await stand.deliver("CRM", "CMS", "ERP", "BI")).json["accepted"] == 0


async def test_a_feed_that_loses_most_of_its_rows_is_kept_and_changes_nothing(stand):
    await stand.deliver("CRM", "CMS", "CDP")
    answer = await stand.deliver("CRM")
    assert (answer.status, answer.json) == (202, {"accepted": 0, "passed_over": 0, "kept": 1})
    (record,) = stand.kafka.kept()
    headers = {name: value.decode() for name, value in record.headers}
    assert headers["dlq.reason"] == "broken_feed"
    assert "2 of the 3 rows" in headers["dlq.detail"]
    assert stand.told() == []
    assert (await stand.deliver("CRM", "CMS", "CDP")).json["accepted"] == 0


async def test_with_a_row_that_cannot_be_read_nothing_counts_as_gone(stand):
    await stand.deliver("CRM", "CMS", "CDP")
    answer = await stand.deliver("CRM", "CMS", also={"site": "acme.com"})
    assert (answer.json["accepted"], answer.json["kept"]) == (0, 1)
    assert stand.told() == []


async def test_deliveries_at_once_are_compared_one_after_the_other(stand):
    await stand.deliver("CRM", "CMS")
    answers = await asyncio.gather(*(stand.deliver("CRM", "CMS", "CDP") for _ in range(5)))
    assert sorted(one.json["accepted"] for one in answers) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("error", [SignalEngineError("away"), TimeoutError()])
async def test_while_nobody_can_tell_what_was_seen_the_sender_comes_back(stand, error):
    stand.follows.fails = error
    answer = await stand.deliver("CRM")
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert stand.kafka.records == []


@pytest.mark.parametrize(
    "scheme",
    [
        "{scheme: hmac-sha256, header: X-Sig, secret_file: FOLDER/secret}",
        "{scheme: segment, secret_file: FOLDER/secret}",
    ],
)
def test_a_state_that_could_be_sent_again_later_is_refused(tmp_path, scheme):
    hooks = f"hooks:\n  lookups:\n    mapping: lookups.yaml\n    signature: {scheme}\n"
    with pytest.raises(ConfigurationError, match="lookups is a state feed, and would take it for what is so now"):
        hooks_in(tmp_path, hooks, secret=SECRET, lookups_yaml=LOOKUPS)
