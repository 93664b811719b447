"""What every part of the delivering process works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from signal_engine.core.delivery.answering import present
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.context.retry import Retry, retrying
from signal_engine.engine.notify.figures import NotifyFigures
from signal_engine.engine.ports.delivery.alert_topic import AccountsSeen, WhyItFits
from signal_engine.engine.ports.delivery.ledger import Ledger
from signal_engine.engine.ports.delivery.senders import MessageSender
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.delivery import AlertReachedNobody
from signal_engine.wire.messages.to_send import Composing, MessageToSend

Compose = Callable[[Composing, WhyItFits], MessageToSend]
"""The message of a delivery, in the zone of whom it is for and with what the settings add; it says why the account
fits."""


@dataclass(slots=True)
class NotifyContext:
    """Shared by everything in one process."""

    ledger: Ledger
    """Retried for as long as it takes; what is given is wrapped."""
    seen: AccountsSeen
    """Likewise."""
    senders: Mapping[str, MessageSender]
    """Destination -> how it is reached."""
    routing: Routing
    compose: Compose
    event_log: EventLog
    clock: Callable[[], int]
    """ms since 1970."""
    jitter: Callable[[], float]
    """Random, from 0 to below 1."""
    instance: str
    """Names this process's life in rows that it claims: another one for each start."""
    reached: Callable[[str], None] = field(default=lambda _: None)
    """Called at every named step of a delivery: where the fault harness kills."""
    figures: NotifyFigures = field(default_factory=NotifyFigures)
    retry: Retry = field(init=False)

    def __post_init__(self) -> None:
        self.retry = Retry(self.event_log)
        self.ledger, self.seen = retrying(self.ledger, self.retry), retrying(self.seen, self.retry)

    def receiver(self, name: str | None) -> TeamMember | None:
        """Who gets now what was planned for the person with this name: they may have left while it waited."""
        return None if name is None else present(self.routing.team, name, self.clock(), [], None)

    def say_unreached(self, alert_id: str, why: str) -> None:
        """Count an alert that was meant for a person and that the fallback gets, and log it."""
        self.figures.unreached[why] += 1
        self.event_log.write(AlertReachedNobody(alert_id=alert_id, why=why))
