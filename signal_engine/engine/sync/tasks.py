"""Tasks in a CRM for the person whom an alert is for: once each alert, however often a run is repeated.

An alert's row says `sending`, written before the request leaves. What nobody answered is looked up before it is tried
again, and where nothing can be looked up it stays as it is: better one task too few than two. Just before a task is
made it is looked at whether somebody may still be told of the account.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final, Literal, NamedTuple, Protocol

import orjson

from signal_engine.core.alerting.alerts import HAND_RAISE, AlertType
from signal_engine.core.delivery.answering import present
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.delivery.team import Team, TeamMember, local_time
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncMarket
from signal_engine.engine.sync.sink import Reached, SinkTrouble, SyncRun, unwatched
from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.messages.content import MessageContext, message
from signal_engine.wire.messages.mail import mail
from signal_engine.wire.output.alert_words import not_sent_in_words
from signal_engine.wire.output.models import Alert
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.sync.ledger_rows import MEND_LEDGER, LedgerRow, SinkState

_FRESH_MS: Final = DAY
"""Older alerts get no task: nobody asked for it while it was new."""
_KEPT_MS: Final = 8 * DAY
_SOUGHT_AFTER_MS: Final = 5 * MINUTE
"""A CRM's search shows a new task only some time after it was made."""
_MOST_ALERTS: Final = 5_000
_KNOWN_MS: Final = HOUR
"""For so long it counts who of the people is a user of the CRM, and who is none: both change."""
_DUE_MS: Final = DAY
_HAND_RAISE_DUE_MS: Final = HOUR
_MAX_PROBLEMS: Final = 10

TASKS: Final = "tasks"
"""The kind of this sink."""
_TaskEnd = Literal["sending", "made", "refused", "uncertain"]


class UnknownAnswer(SinkTrouble):
    """A request that is not to be repeated was not answered: nobody knows whether it was taken."""


class TaskRefused(SinkTrouble):
    """The CRM will never take this task as it is."""


class CrmTask(NamedTuple):
    """One task."""

    alert_id: str
    record_id: str
    """Of the account."""
    owner_id: str
    subject: str
    body: str
    due_at: int
    """ms."""
    is_urgent: bool
    due_on: date
    """The day of `due_at` where its person is."""


class TaskSystem(Protocol):
    """A CRM that takes tasks. Every method may raise `SinkTrouble`."""

    async def owner_ids(self, emails: Collection[str]) -> Mapping[str, str]:
        """E-mail in lower case -> id of the active user, of those who have one."""

    async def find_task(self, alert_id: str) -> str | None:
        """The id of the task of an alert; None: there is none."""

    async def create_task(self, task: CrmTask) -> str:
        """One request; its id. Raises `UnknownAnswer`, and `TaskRefused`; with any other trouble it was not taken."""


class _TaskRow(NamedTuple):
    end: _TaskEnd
    at: int
    """ms."""
    task_id: str | None = None

    def encode(self) -> bytes:
        return orjson.dumps(tuple(self))

    @classmethod
    def decode(cls, value: bytes) -> "_TaskRow":
        with reading("what became of a task", MEND_LEDGER):
            return cls(*orjson.loads(value))


class _DueTask(NamedTuple):
    alert: Alert
    member: TeamMember


@dataclass(slots=True)
class TaskSink:
    """`Sink` of tasks, beside that of the records of the same CRM."""

    name: str
    ledger: SyncLedger
    records: SyncLedger
    """The ledger of the CRM's records, which says whose record an account has."""
    system: TaskSystem
    types: Collection[AlertType]
    team: Team
    """E-mail addresses of people come from here."""
    context: MessageContext
    reached: Reached = unwatched
    """Told of each step: where a test ends the process."""
    kind: str = field(default=TASKS, init=False)
    asks_first: bool = field(default=True, init=False)
    compares_accounts: bool = field(default=False, init=False)
    _owners: dict[str, str | None] = field(default_factory=dict, init=False)
    """E-mail -> id of the user; None: there is none."""
    _owners_at: int = field(default=0, init=False)
    """When (ms) they were first asked for."""

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        """See `Sink`. Alerts from before the sink was confirmed, or a day old, get none."""
        confirmed = SinkState.decode(await self.ledger.state()).confirmed_at
        since = max(run.now - _FRESH_MS, confirmed or 0)
        alerts = await self._alerts(market, since)
        held = await market.held({one["account_id"] for one in alerts})
        rows = await self.ledger.rows([one["alert_id"] for one in alerts]) if alerts else []
        due: list[_DueTask] = []
        for alert, row in zip(alerts, rows, strict=True):
            if row is not None:
                await self._again(alert, _TaskRow.decode(row), run, due)
            elif alert["account_id"] in held and alert["type"] not in HAND_RAISES:
                run.counts["held_back"] += 1
            else:
                self._begin(alert, run, due)
        await self._make(due, market, run)
        if not run.dry:
            await self._forget(run.now)

    async def _alerts(self, market: SyncMarket, since: int) -> list[Alert]:
        """Those that were sent, of our types, the oldest first."""
        found: dict[str, Alert] = {}
        for partition in range(market.partitions):
            for one in await market.store.feed(partition, since, _MOST_ALERTS):
                alert = read_alert(one.record)
                if isinstance(alert, UnreadableAlert) or alert["type"] not in self.types or not_sent_in_words(alert):
                    continue
                found[alert["alert_id"]] = alert
        return sorted(found.values(), key=lambda one: (one["at"], one["alert_id"]))

    def _begin(self, alert: Alert, run: SyncRun, due: list[_DueTask]) -> None:
        name = alert["claimed_by"] or (
            alert["owner"] if alert["audience"] == "owner" else alert["sdr"] or alert["owner"]
        )
        member = present(self.team, name, run.now, [], None) if name and alert["audience"] != "triage" else None
        if member is None:
            run.counts["for_nobody"] += 1
        else:
            due.append(_DueTask(alert, member))

    async def _again(self, alert: Alert, row: _TaskRow, run: SyncRun, due: list[_DueTask]) -> None:
        """An alert whose task was begun before: what nobody answered is looked up."""
        if row.end != "sending":
            run.counts[row.end] += 1
            return
        if run.dry or run.now - row.at < _SOUGHT_AFTER_MS:
            run.counts["uncertain"] += 1
            return
        task_id = await self.system.find_task(alert["alert_id"])
        if task_id is None:
            self._begin(alert, run, due)
        else:
            await self._note(alert, _TaskRow("made", run.now, task_id))
            run.counts["found"] += 1

    async def _make(self, due: list[_DueTask], market: SyncMarket, run: SyncRun) -> None:
        if not due:
            return
        rows = await self.records.rows([one.alert["account_id"] for one in due])
        await self._know({one.member.email for one in due}, run.now)
        for one, stored in zip(due, rows, strict=True):
            row = None if stored is None else LedgerRow.decode(stored)
            if row is None or row.match != "matched" or row.record_id is None:
                run.counts["unmatched"] += 1
            elif (owner_id := self._owners.get(one.member.email)) is None:
                run.counts["no_owner"] += 1
            elif await _is_hidden(one.alert["account_id"], market):
                run.counts["hidden"] += 1
            else:
                await self._one(self._task(one, row.record_id, owner_id), one, run)

    async def _know(self, emails: Collection[str], now: int) -> None:
        """Ask which of these people are users, at most once an hour each."""
        if now - self._owners_at >= _KNOWN_MS:
            self._owners, self._owners_at = {}, now
        if new := {*emails} - self._owners.keys():
            self._owners |= {**dict.fromkeys(new), **await self.system.owner_ids(new)}

    def _task(self, one: _DueTask, record_id: str, owner_id: str) -> CrmTask:
        alert, is_urgent = one.alert, one.alert["type"] == HAND_RAISE
        content = mail(message(alert, self.context._replace(zone=one.member.zone, person=one.member.name)))
        due_at = parse_instant(alert["at"]) + (_HAND_RAISE_DUE_MS if is_urgent else _DUE_MS)
        due_on = local_time(due_at, one.member.zone).date()
        return CrmTask(alert["alert_id"], record_id, owner_id, content.subject, content.text, due_at, is_urgent, due_on)

    async def _one(self, task: CrmTask, one: _DueTask, run: SyncRun) -> None:
        run.show(one.alert["account_id"], "task", {"subject": task.subject, "for": one.member.name})
        if run.dry:
            return
        await self._note(one.alert, _TaskRow("sending", run.now))
        self.reached("before_task")
        try:
            task_id = await self.system.create_task(task)
        except UnknownAnswer:  # looked up by a later run
            run.counts["uncertain"] += 1
            return
        except TaskRefused as trouble:
            await self._note(one.alert, _TaskRow("refused", run.now))
            run.counts["failed"] += 1
            if len(run.notes) < _MAX_PROBLEMS:
                run.notes.append(f"{one.alert['account_id']}: {trouble}")
            return
        except SinkTrouble:
            await self.ledger.note({one.alert["alert_id"]: None})
            raise
        self.reached("after_task")
        await self._note(one.alert, _TaskRow("made", run.now, task_id))
        run.counts["written"] += 1

    async def _note(self, alert: Alert, row: _TaskRow) -> None:
        await self.ledger.note({alert["alert_id"]: row.encode()})

    async def _forget(self, now: int) -> None:
        """Rows of alerts that get no task any more."""
        cursor, more = 0, True
        while more:
            cursor, rows = await self.ledger.scan(cursor)
            old = [name for name, row in rows.items() if now - _TaskRow.decode(row).at > _KEPT_MS]
            if old:
                await self.ledger.note(dict.fromkeys(old))
            more = bool(cursor)


async def _is_hidden(account: str, market: SyncMarket) -> bool:
    """Whether nobody would be alerted of the account any more: it is killed, snoozed, suppressed, out of the file."""
    there = await market.some([account])
    return not there or unalerted_reason(there[0].fit, market.context.policy) is not None
