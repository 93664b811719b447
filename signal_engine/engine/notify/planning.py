"""Records of the topic of alerts to rows of the ledger: each alert once, with the position, in one step."""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from signal_engine.core.alerting.alerts import COOLED
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import DeliveryRow, doubtful, rows_of
from signal_engine.core.delivery.plan import DeliveryPlan, plan
from signal_engine.core.delivery.response.lateness import response_to
from signal_engine.core.delivery.response.running import clock_row
from signal_engine.core.delivery.routes import RoutedAlert
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.ports.delivery.ledger import LedgerHead, NewRow
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.log_events.delivery import AlertUnreadable
from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert, routed
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.alert_words import not_sent_in_words

STEP_RECORDS: Final = 200
"""Records that are planned in one step."""


class Planned(NamedTuple):
    """What became of records."""

    head: LedgerHead
    """After them."""
    went_quiet: frozenset[str]
    """Accounts of which they say so."""


async def plan_records(
    context: NotifyContext, partition: int, head: LedgerHead, records: Sequence[FetchedRecord]
) -> Planned | None:
    """Plan consecutive records, at most `STEP_RECORDS`. None: somebody else moved the head."""
    made_rows = await asyncio.gather(*(_rows_of(context, partition, head, record) for record in records))
    rows = [row for some in made_rows for row in some]
    after = head._replace(position=records[-1].offset + 1)
    context.reached("before_plan")
    if not await context.ledger.plan(partition, head.position, after.position, rows):
        return None
    context.reached("after_plan")
    context.figures.planned += len(records)
    for alert_id, why in {one.row.alert_id: one.row.unreached for one in rows if one.row.unreached}.items():
        context.say_unreached(alert_id, why)
    return Planned(after, frozenset(one.row.account for one in rows if one.row.type == COOLED))


async def _rows_of(context: NotifyContext, partition: int, head: LedgerHead, record: FetchedRecord) -> list[NewRow]:
    if record.value is None:
        return []
    alert = read_alert(record.value)
    if isinstance(alert, UnreadableAlert):
        context.figures.unreadable += 1
        context.event_log.write(AlertUnreadable(partition=partition, offset=record.offset, problem=alert.problems[0]))
        return []
    if not_sent_in_words(alert):
        context.figures.not_for_people += 1
        return []
    asked, now = routed(alert), context.clock()
    seen = await context.seen.seen(asked.account, now)
    at = parse_instant(alert["at"])
    planned = plan(asked, context.routing, seen, now)
    rows = rows_of(asked, planned, at, now)
    if record.offset < head.uncertain_below:  # nobody knows whom its clock told: it begins no other one
        rows = [row if row.status != "pending" else doubtful(row, now, row.due or now) for row in rows]
    elif (clock := _clock(context, asked, planned, at, seen, now)) is not None:
        rows.append(clock)
    return [NewRow(row, record.value) for row in rows]


def _clock(
    context: NotifyContext, asked: RoutedAlert, planned: DeliveryPlan, at: int, seen: ActionsSeen, now: int
) -> DeliveryRow | None:
    was = response_to(at, seen.taken, now, seen.active_at)
    return clock_row(asked, planned, was, now, context.routing.team)
