"""What people did about an account after a message told of it, as a line of the message."""

from typing import Final

from signal_engine.core.actions.in_force import EVERYWHERE, InForce, StandingAction
from signal_engine.core.delivery.team import Team
from signal_engine.wire.messages.content import Message, MessageFact
from signal_engine.wire.messages.foreign_text import shown
from signal_engine.wire.output.words import OUTCOME_IN_WORDS

_LABEL: Final = "Since then"


def since_then(in_force: InForce, alert_at: int, team: Team, *, quiet: bool = False) -> str:
    """`claimed by Ann Roe; came of it: Contacted`; empty where nobody has done anything after `alert_at` (ms).

    `quiet`: the account, which was hot then, is hot no more.
    """

    def new(one: StandingAction | None) -> StandingAction | None:
        return one if one is not None and one.at > alert_at else None

    told = [
        f"{words} by {_name(done, team)}"
        for words, one in (
            ("marked as not to be contacted", in_force.do_not_contact),
            ("killed", in_force.kills.get(EVERYWHERE)),
            ("snoozed", in_force.snooze),
            ("claimed", in_force.claim),
        )
        if (done := new(one)) is not None
    ]
    answer = new(in_force.disposition)
    if answer is not None and answer.outcome is not None:
        told.append(f"came of it: {OUTCOME_IN_WORDS[answer.outcome]}, said by {_name(answer, team)}")
    return "; ".join([*told, "went quiet"] if quiet else told)


def with_since_then(message: Message, told: str) -> Message:
    """`message` with that line before all others; itself where nothing is told."""
    return message._replace(facts=(MessageFact(_LABEL, told), *message.facts)) if told else message


def _name(done: StandingAction, team: Team) -> str:
    member = team.named(done.by)
    return shown(done.by if member is None else member.name)
