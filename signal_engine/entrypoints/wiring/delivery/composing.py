"""The messages of the process that delivers: what they say beyond their alerts."""

from collections.abc import Sequence

from signal_engine.core.alerting.plays import Play
from signal_engine.core.delivery.routes import Routing
from signal_engine.engine.notify.context import Compose
from signal_engine.engine.ports.delivery.alert_topic import WhyItFits
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.messages.content import MessageContext
from signal_engine.wire.messages.to_send import Composing, MessageToSend, composed
from signal_engine.wire.output.crm_link import crm_link


def composer(settings: Settings, routing: Routing, plays: Sequence[Play]) -> Compose:
    """Makes the messages of alerts: in the zone of whom each is for, with the plays and links of the settings."""
    crm = crm_link(settings.crm_url)

    def compose(of: Composing, why: WhyItFits) -> MessageToSend:
        member = None if of.person is None else routing.team.named(of.person)
        context = MessageContext(
            zone=routing.zone if member is None else member.zone,
            person=of.person,
            plays=plays,
            buying_group=why.buying_group,
            fit_reasons=why.reasons,
            public_url=settings.public_url,
            crm=crm,
        )
        return composed(of, context)

    return compose
