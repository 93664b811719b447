"""The door: one way for command line and HTTP to write an account action."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol, TypeAlias
from uuid import UUID

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.engine.door.authority import DecidedAccount
from signal_engine.engine.door.check import Terms, check_action
from signal_engine.engine.door.past_actions import find
from signal_engine.engine.door.rulebook import DoorRules
from signal_engine.engine.door.turns import Turns
from signal_engine.engine.door.wanted import INVALID, UNAVAILABLE, ActionRefusal, WantedAction
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.events.account_names import MAIL_PROVIDER, NotAnAccount, is_mail_provider, normalise
from signal_engine.wire.storage.actions import StoredActions

_TURN_TIMEOUT_S: Final = 20.0
"""Seconds for which an action waits for another on the same account: as long as Kafka may take for one."""


class RulesSource(Protocol):
    """The ICPs and the fit table in force."""

    async def rules_for(self, accounts: Sequence[str]) -> DoorRules:
        """What is in force for `accounts` now. Raises `StoreTrouble`."""


class ActionHistory(Protocol):
    """The actions of before."""

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        """Those of each account, in the order given. Raises a `SignalEngineError` where it cannot be read."""

    async def find(self, account: str, action_id: str) -> LoggedAction | None:
        """An action of long ago, which is no longer among the latest; None where there is none. Slow; raises as
        `past` does."""

    def wrote(self, taken: LoggedAction) -> None:
        """Kafka has one more, which the history need not have yet."""


class ActionWriter(Protocol):
    """The topic `account.actions`."""

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        """The timestamp (ms) of each record, once all replicas have them. Raises a `SignalEngineError` that says what
        is not known to be written."""


class Admitted(NamedTuple):
    """An action that may be written, or was before."""

    action: AccountAction
    is_new: bool
    """False: the same request was written before, and is not written again."""
    is_known: bool
    """False: the account is not in the fit table in force."""
    applied_at: int | None = None
    """The timestamp (ms) of its record, by which it counts; None: it has not been written."""


Answer: TypeAlias = Admitted | ActionRefusal


@dataclass(frozen=True, slots=True)
class Door:
    """Checks wanted actions against the rules in force, and writes them."""

    rulebook: RulesSource
    history: ActionHistory
    writer: ActionWriter
    topic: str
    """`account.actions`, with the prefix."""
    terms: Terms
    clock: Callable[[], int]
    """ms since 1970."""
    _turns: Turns = field(default_factory=Turns, init=False)

    async def check(self, wanted: Sequence[WantedAction]) -> list[Answer]:
        """What would become of each of `wanted`, in their order; nothing is written.

        An action on an alias is one on its account.
        """
        names = [_account(one) for one in wanted]
        rules = await self.rulebook.rules_for(list(dict.fromkeys(name for name in names if isinstance(name, str))))
        names = [rules.aliases.get(name, name) if isinstance(name, str) else name for name in names]
        accounts = list(dict.fromkeys(name for name in names if isinstance(name, str)))
        pasts = dict(zip(accounts, await self.history.past(accounts), strict=True))
        answers: list[Answer] = []
        for one, name in zip(wanted, names, strict=True):
            if isinstance(name, ActionRefusal):
                answers.append(name)
                continue
            answers.append(await self._checked(name, one, rules, pasts[name]))
        return answers

    async def write(self, answers: Sequence[Answer]) -> list[Answer]:
        """Write the new ones of the admitted actions; the answers as they are when Kafka has them all."""
        new = [one for one in answers if isinstance(one, Admitted) and one.is_new]
        if not new:
            return list(answers)
        times = iter(await self.writer.write([self._record(one.action) for one in new]))
        written: list[Answer] = []
        for one in answers:
            if isinstance(one, Admitted) and one.is_new:
                taken = LoggedAction(next(times), one.action)
                self.history.wrote(taken)
                written.append(one._replace(applied_at=taken.now))
            else:
                written.append(one)
        return written

    async def act(self, wanted: WantedAction) -> Answer:
        """Check one action and write it; returns when Kafka has it.

        Of two at once on one account the second is checked when the first has been written.
        """
        account = _account(wanted)
        if isinstance(account, ActionRefusal):
            return account
        meant = (await self.rulebook.rules_for([account])).aliases.get(account, account)
        async with self._turns.of(meant, _TURN_TIMEOUT_S) as ours:
            if not ours:
                return ActionRefusal(UNAVAILABLE, "others are acting on the account; send this action again")
            return await self._act(wanted)

    async def _act(self, wanted: WantedAction) -> Answer:
        (answer,) = await self.write(await self.check([wanted]))
        return answer

    def _record(self, action: AccountAction) -> ToSend:
        return ToSend(self.topic, None, action.account.encode(), write_action(action))

    async def _checked(self, account: str, wanted: WantedAction, rules: DoorRules, past: StoredActions) -> Answer:
        fit = rules.fits[account]
        if fit is None and is_mail_provider(account):
            return ActionRefusal(INVALID, f"account {MAIL_PROVIDER.reason}")
        wanted = _tidied(wanted)
        is_decided = account not in rules.undecided
        is_known = fit is not None or not is_decided
        if wanted.action_id in past.log.ids:
            before = find(past, wanted.action_id) or await self.history.find(account, wanted.action_id)
            if before is None or not wanted.matches(before.action):
                return ActionRefusal(INVALID, "another action with this id has been written: a new one needs a new id")
            return Admitted(before.action, is_new=False, is_known=is_known, applied_at=before.now)
        decided = DecidedAccount(fit, rules.icps, past.in_force, is_decided)
        checked = check_action(account, wanted, decided, self.terms, self.clock())
        if isinstance(checked, ActionRefusal):
            return checked
        return Admitted(checked, is_new=True, is_known=is_known)


def _account(wanted: WantedAction) -> str | ActionRefusal:
    """The registrable domain that is meant."""
    try:
        UUID(wanted.action_id)
    except ValueError:
        return ActionRefusal(INVALID, "the id of an action must be a UUID")
    name = normalise(wanted.account)
    return ActionRefusal(INVALID, f"account {name.reason}") if isinstance(name, NotAnAccount) else name


def _tidied(wanted: WantedAction) -> WantedAction:
    """As it is compared and written: the id in its usual form, the reason without blanks around it."""
    reason = None if wanted.reason is None else wanted.reason.strip()
    return wanted._replace(action_id=str(UUID(wanted.action_id)), reason=reason, by=wanted.by.lower())
