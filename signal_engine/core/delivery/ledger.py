"""The row that the ledger keeps of a delivery, and how it moves: every change is a value, with its reason."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal, NamedTuple

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.plan import DeliveryPlan, PlannedDelivery, Timing, delivery_id
from signal_engine.core.delivery.routes import Destination, OnUncertain, RoutedAlert
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND

RowStatus = Literal[
    "pending", "sending", "sent", "uncertain", "failed", "given_up", "suppressed", "for_digest", "grouped",
    "waiting", "answered", "overdue",
]  # fmt: skip
"""`pending`: waits for its instant. `sending`: written before a request leaves. `uncertain`: nobody knows whether it
arrived. `failed`: the receiver refused it for good. `given_up`: tried for 24 hours, or not sendable. `suppressed`: not
to be sent. `for_digest`: kept for the next digest. `grouped`: another message tells of it. Of clocks: `waiting` runs,
`answered`: somebody responded, `overdue`: nobody did, and whoever is to be told was."""
_UNFINISHED: Final[frozenset[RowStatus]] = frozenset({"pending", "sending", "uncertain", "for_digest", "waiting"})

LEASE_MS: Final = 40 * SECOND
"""For so long whoever claimed a row may be sending it: longer than a request takes."""
REQUEST_MS: Final = 30 * SECOND
"""The longest request; a claimed row with less time left goes back instead."""
GIVE_UP_MS: Final = 24 * HOUR
"""From its first attempt on; it has two in any case."""


_FIRST_PAUSE_MS: Final = 5 * SECOND
_LONGEST_PAUSE_MS: Final = HOUR
_MOST_DOUBLINGS: Final = 20
_FIRST_LOOK_MS: Final = 5 * SECOND
_LONGEST_LOOK_MS: Final = 15 * MINUTE
_AGE_PER_LOOK: Final = 10
"""A message is looked at again after this part of its age."""
FOLLOWED_MS: Final = 3 * DAY
"""For so long after it was sent a message is kept up to date."""
WAITS_FOR_MORE: Final = "waits for more of the account"
"""Said by a row that waits since a message about its account has just been sent."""
GROUPED_MS: Final = 90 * SECOND
"""Within this time after a message, more of its account does not become another one."""


class DeliveryRow(NamedTuple):
    """One delivery as the ledger has it. Instants are ms since 1970."""

    delivery_id: str
    alert_id: str
    account: str
    type: AlertType
    destination: str
    person: str | None
    """Name of whom it is for; None where the destination reaches no single person."""
    timing: Timing
    on_uncertain: OnUncertain
    """What becomes of it when its receiver cannot tell whether it arrived."""
    status: RowStatus
    alert_at: int
    """When the alert was decided."""
    made_at: int
    """When the row was made."""
    changed_at: int
    due: int | None = None
    """When something is to be done about it; None: nothing by itself. Of `sending`, when the claim ends."""
    attempts: int = 0
    """Requests whose end is known: one that a kill cut short is no failure of the receiver, and lengthens no pause."""
    first_due_at: int | None = None
    """When it was first tried; 24 hours are counted from here. Time in which it merely waited does not count."""
    said: str | None = None
    """What the receiver said last, or why it is not sent, in words."""
    receiver_id: str | None = None
    """The receiver's own id of the message."""
    sender: str | None = None
    """The process that claimed it last."""
    maybe_twice: int = 0
    """How often it was sent again although it may have arrived."""
    into: str | None = None
    """Of `grouped`: the delivery whose message tells of it."""
    look_at: int | None = None
    """When to look whether its message is still up to date; None: never, its receiver edits nothing."""
    told: str = ""
    """What the message says of what people did after it was sent."""
    late: str = ""
    """Of a message that nobody responded, which it is (`Lateness.which`); of a clock, those told, with blanks between.
    """
    since: int | None = None
    """Since when an alert waits, of both."""
    silent: str | None = None
    """Of such a message, who has not responded; None: nobody in particular was asked."""
    unreached: str = ""
    """An `Unreached`: why it is for no single person although its route wants one; empty where that is not so."""
    revision: int = 0
    """Rises with every change: a writer names the one that it has seen."""

    @property
    def is_finished(self) -> bool:
        """Whether nothing happens to it any more unless somebody asks."""
        return self.due is None and self.status not in _UNFINISHED


_NOT_SENT: Final[Mapping[Timing, str]] = {
    "muted": "the person muted the account",
    "held_back": "the account is in the control group",
}
"""Of deliveries that are not sent, why; kept, so that it can be looked up who was not told of what."""


def rows_of(alert: RoutedAlert, plan: DeliveryPlan, alert_at: int, now: int) -> list[DeliveryRow]:
    """The first rows of the deliveries of an alert that was decided at `alert_at` (ms)."""
    return [_made(alert, delivery, plan, alert_at, now) for delivery in plan.deliveries]


def _made(alert: RoutedAlert, delivery: PlannedDelivery, plan: DeliveryPlan, alert_at: int, now: int) -> DeliveryRow:
    status: RowStatus = "pending"
    if delivery.at is None:
        status = "suppressed"
    elif delivery.timing == "digest":
        status = "for_digest"
    return DeliveryRow(
        delivery_id=delivery.delivery_id,
        alert_id=alert.alert_id,
        account=alert.account,
        type=alert.type,
        destination=delivery.destination,
        person=delivery.person,
        timing=delivery.timing,
        on_uncertain=plan.on_uncertain,
        status=status,
        alert_at=alert_at,
        made_at=now,
        changed_at=now,
        due=delivery.at,
        said=_NOT_SENT.get(delivery.timing),
        unreached=(plan.unreached or "") if delivery.person is None else "",
    )


def for_fallback(row: DeliveryRow, fallback: Iterable[Destination], now: int) -> list[DeliveryRow]:
    """The deliveries by which the fallback gets what `row` was to bring to a person whom its receiver does not know."""
    which = f"\n{row.late}" if row.late else ""
    return [
        row._replace(
            delivery_id=delivery_id(row.alert_id, f"{destination.name}{which}"),
            destination=destination.name,
            person=None,
            timing=row.timing if row.late else "fallback",
            status="pending",
            made_at=now,
            changed_at=now,
            due=now,
            attempts=0,
            first_due_at=None,
            said=None,
            sender=None,
            maybe_twice=0,
            unreached="" if row.late else "not_found",
            revision=0,
        )
        for destination in fallback
    ]


def claimed(row: DeliveryRow, sender: str, now: int) -> DeliveryRow:
    """`sender` is about to send it: written before a request leaves."""
    return _changed(row, now, status="sending", due=now + LEASE_MS, sender=sender, first_due_at=row.first_due_at or now)


def given_back(row: DeliveryRow, now: int, due: int) -> DeliveryRow:
    """A claimed row for which no request was made: it waits until `due`."""
    return _changed(row, now, status="pending", due=due, first_due_at=row.first_due_at if row.attempts else None)


def attempted(row: DeliveryRow, attempt: Attempt, now: int, jitter: float) -> DeliveryRow:
    """What becomes of a claimed row by the end of an attempt; `jitter` is random, from 0 to below 1.

    A destination that is disabled keeps its rows: they wait for somebody to enable it, and have 24 hours from then on.
    """
    row = row._replace(attempts=row.attempts + 1)
    if attempt.end == "sent":
        return _changed(row, now, status="sent", due=None, said=attempt.said, receiver_id=attempt.receiver_id)
    if attempt.end == "failed":
        return _changed(row, now, status="failed", due=None, said=attempt.said)
    if attempt.end == "disabled":
        return _changed(row, now, status="pending", due=now, said=attempt.said, first_due_at=None)
    due = now + pause_ms(row.attempts, jitter, attempt.retry_after_s)
    if attempt.end == "uncertain":
        return _changed(row, now, status="uncertain", due=due, said=attempt.said)
    began = now if row.first_due_at is None else row.first_due_at
    if row.attempts > 1 and due - began > GIVE_UP_MS:
        return given_up(row, f"tried for 24 hours; last: {attempt.said}", now)
    return _changed(row, now, status="pending", due=due, said=attempt.said)


def given_up(row: DeliveryRow, why: str, now: int) -> DeliveryRow:
    """It is not tried any more unless somebody asks."""
    return _changed(row, now, status="given_up", due=None, said=why)


def suppressed(row: DeliveryRow, why: str, now: int) -> DeliveryRow:
    """It is not to be sent."""
    return _changed(row, now, status="suppressed", due=None, said=why)


def drawn(row: DeliveryRow, now: int) -> DeliveryRow:
    """It is not to be sent: its account has come into the control group since it was planned."""
    return suppressed(row._replace(timing="held_back"), _NOT_SENT["held_back"], now)


def grouped(row: DeliveryRow, into: str, why: str, now: int) -> DeliveryRow:
    """The message of the delivery `into` tells of it."""
    return _changed(row, now, status="grouped", due=None, said=why, into=into)


def put_off(row: DeliveryRow, due: int, why: str, now: int) -> DeliveryRow:
    """It waits until `due`, for a reason that is no failure."""
    return _changed(row, now, status="pending", due=due, said=why)


def doubtful(row: DeliveryRow, now: int, due: int) -> DeliveryRow:
    """Nobody knows whether it arrived: that is found out at `due`."""
    return _changed(row, now, status="uncertain", due=due)


def unresolved(row: DeliveryRow, why: str, now: int, jitter: float, asked_s: float | None = None) -> DeliveryRow:
    """It cannot be found out now whether it arrived: later, after the seconds that the receiver asks to wait."""
    attempts = row.attempts + 1
    return _changed(row, now, due=now + pause_ms(attempts, jitter, asked_s), attempts=attempts, said=why)


def found(row: DeliveryRow, receiver_id: str | None, now: int) -> DeliveryRow:
    """The receiver has it, by an attempt whose end was not known."""
    said, attempts = "found at the receiver", row.attempts + 1
    return _changed(row, now, status="sent", due=None, receiver_id=receiver_id, said=said, attempts=attempts)


def held_uncertain(row: DeliveryRow, now: int) -> DeliveryRow:
    """It is not sent again unless somebody asks."""
    return _changed(row, now, status="uncertain", due=None, said="it may have arrived; it is not sent again by itself")


def sent_again(row: DeliveryRow, now: int) -> DeliveryRow:
    """To be sent although it may have arrived, which no receiver of its kind can tell."""
    return _changed(row, now, status="pending", due=now, maybe_twice=row.maybe_twice + 1)


def not_there(row: DeliveryRow, now: int) -> DeliveryRow:
    """To be sent: the receiver does not have it, or knows it by its id."""
    return _changed(row, now, status="pending", due=now)


def retried(row: DeliveryRow, now: int) -> DeliveryRow:
    """Somebody asks for another attempt, at once, and for 24 hours from now on."""
    twice = row.maybe_twice + (row.status == "uncertain")
    return _changed(row, now, status="pending", due=now, attempts=0, first_due_at=None, maybe_twice=twice)


def followed(row: DeliveryRow, receiver_id: str, now: int) -> DeliveryRow:
    """A row by which the message with this id at the receiver is up to date: from now on it is kept so."""
    return row._replace(receiver_id=receiver_id, look_at=_next_look(row, now))


def looked_at(row: DeliveryRow, told: str, now: int) -> DeliveryRow:
    """Its message says `told` of what people did. That is no delivery: when the row was changed stays."""
    return row._replace(told=told, look_at=_next_look(row, now), revision=row.revision + 1)


def no_longer_followed(row: DeliveryRow) -> DeliveryRow:
    """Its message stays as it is, or another row keeps it up to date."""
    return row._replace(look_at=None, revision=row.revision + 1)


def _next_look(row: DeliveryRow, now: int) -> int | None:
    """Seldomer the older it is: most answers come soon."""
    age = now - row.changed_at
    if age >= FOLLOWED_MS:
        return None
    return now + min(max(_FIRST_LOOK_MS, age // _AGE_PER_LOOK), _LONGEST_LOOK_MS)


def _changed(row: DeliveryRow, now: int, **fields: object) -> DeliveryRow:
    return row._replace(changed_at=now, revision=row.revision + 1, **fields)  # type: ignore[arg-type]


def pause_ms(attempts: int, jitter: float, retry_after_s: float | None) -> int:
    """Milliseconds after the attempt with this number, from 1; `jitter` is random, from 0 to below 1.

    At random between five seconds and a bound that doubles with each attempt, up to an hour; never less than the
    receiver asks for (`retry_after_s`).
    """
    bound = min(_LONGEST_PAUSE_MS, _FIRST_PAUSE_MS << min(attempts, _MOST_DOUBLINGS))
    drawn = _FIRST_PAUSE_MS + round(jitter * (bound - _FIRST_PAUSE_MS))
    return max(drawn, round((retry_after_s or 0.0) * SECOND))
