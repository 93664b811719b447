"""The alert that an account of the live engine would have now, reduced to what its way depends on."""

import click

from signal_engine.adapters.kafka.action_topic import ActionTopic
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.alerting.alerts import INBOUND, AlertType
from signal_engine.core.delivery.answering import ActionsSeen, actions_seen
from signal_engine.core.delivery.routes import RoutedAlert
from signal_engine.core.fit.acted import actions_of
from signal_engine.core.fit.eligibility import audience, goes_to_triage, unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.policy import Policy
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.account import Account
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.entrypoints.commands.accounts.sources import account_named
from signal_engine.entrypoints.wiring.connections import run_live, scoring_in_force, served_view
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.output.words import IN_WORDS
from signal_engine.wire.storage.in_force import TopicsInForce
from signal_engine.wire.topics import topic_names


def account_now(given: str, type_: AlertType, now: int) -> tuple[RoutedAlert, ActionsSeen]:
    """An alert of type `type_` at `now` (ms), and what was done about the account, by the whole log of its actions.

    Ends the command where nobody is alerted of the account. One for triage is `inbound`, whatever was asked for.
    """
    return run_live(_account_now(read_settings(), account_named(given), type_, now))


async def _account_now(settings: Settings, name: str, type_: AlertType, now: int) -> tuple[RoutedAlert, ActionsSeen]:
    async with served_view(settings) as view:
        topics = await view.controls.read(TOPICS)
        partitions = TopicsInForce.decode(topics).partitions if topics else 1
        live = AccountView(view.store, view.controls, partitioner(partitions))
        policy = (await scoring_in_force(view, settings)).policy
        account, fit = await live.state(name, now, policy)
    taken = await _actions_of(settings, name)
    asked = _alert(name, type_, account, fit, policy)
    return asked, actions_seen(actions_of(fit), taken, now)


async def _actions_of(settings: Settings, name: str) -> list[LoggedAction]:
    """Every action of the account: who muted it may have done so long ago, and mutes are not among what is in force."""
    async with ActionTopic(kafka_connection(settings), topic_names(settings.prefix).actions) as topic:
        partition = partitioner(await topic.partitions())(name)
        return [one.taken async for one in topic.read({partition}) if one.taken.action.account == name]


def _alert(name: str, type_: AlertType, account: Account, fit: Fit | None, policy: Policy) -> RoutedAlert:
    reason = unalerted_reason(fit, policy)
    if reason is not None:
        if not goes_to_triage(fit):
            raise click.ClickException(f"nobody is alerted of {name}: {IN_WORDS[reason]}")
        click.echo(f"note: no rep is alerted of {name}, only triage of a hand raise: {IN_WORDS[reason]}", err=True)
        type_ = INBOUND
    known = fit if fit is not None and fit.decisions else None
    return RoutedAlert(
        alert_id="",
        account=name,
        type=type_,
        audience="triage" if reason is not None or known is None else audience(known, policy),
        tier=known.primary.tier if known else None,
        icp=known.primary.icp if known else None,
        segment=known.segment if known else None,
        relation=known.relation if known else PROSPECT,
        level=account.level,
        owner=known.owner if known else None,
        sdr=(known.sdr or known.owner) if known else None,
    )
