"""What the messages of a command say beyond the alert: for whom, in which zone, the plays, the ICP, links."""

from collections.abc import Callable, Sequence
from datetime import UTC
from typing import Final, NamedTuple

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.plan import delivery_id, plan
from signal_engine.core.fit.icp import Icp
from signal_engine.entrypoints.wiring.inputs import read_accounts, read_icps, read_scoring, served_plays, served_routes
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.delivery.alert_reading import routed
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.messages.content import MessageContext
from signal_engine.wire.output.crm_link import crm_link
from signal_engine.wire.output.models import Alert

_WITHOUT_ROUTES: Final = "preview"
"""The destination of a delivery where there is no routes file."""


class KnownFiles(NamedTuple):
    """Files that a command is given besides the alert."""

    icps: Sequence[str]
    accounts: str | None
    accounts_as: str | None


class MessageSource(NamedTuple):
    """What the messages of one alert are made with."""

    context: MessageContext
    delivery_id: str


def context_of(alert: Alert, settings: Settings, files: KnownFiles, warn: Callable[[str], None]) -> MessageSource:
    """What is known for the messages of `alert`. Raises `ConfigurationError`.

    The person, and with them the zone, are those whom the routes file finds when the alert is decided.
    """
    routes, member, made_for = served_routes(), None, delivery_id(alert["alert_id"], _WITHOUT_ROUTES)
    if routes is not None:
        asked = routed(alert)
        way = plan(asked, routes.routing, ActionsSeen(asked.claimed_by), parse_instant(alert["at"]))
        member, made_for = way.answering.member, way.deliveries[0].delivery_id
    icps = read_icps(files.icps, read_scoring(settings.scoring), warn) if files.icps else ()
    context = MessageContext(
        zone=member.zone if member else routes.routing.zone if routes else UTC,
        person=member.name if member else None,
        plays=served_plays(),
        buying_group=next((icp.buying_group for icp in icps if icp.icp == alert["icp"]), ()),
        fit_reasons=_reasons(alert, icps, files, warn),
        public_url=settings.public_url,
        crm=crm_link(settings.crm_url),
    )
    return MessageSource(context, made_for)


def _reasons(alert: Alert, icps: Sequence[Icp], files: KnownFiles, warn: Callable[[str], None]) -> tuple[str, ...]:
    """Why the account fits, by its row in the accounts file; none where that is not given."""
    if files.accounts is None or not icps:
        return ()
    fit = read_accounts(files.accounts, icps, warn, files.accounts_as).get(alert["account_id"])
    decision = None if fit is None or alert["icp"] is None else fit.by(alert["icp"])
    return () if decision is None else decision.reasons
