"""What people's actions make of an account: which of them are in force at an instant, and what each new one changes."""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, assert_never

from signal_engine.core.actions.action import KEEPING, AccountAction, Outcome

EVERYWHERE: Final = ""
"""The place of a kill for all ICPs among those for one."""

Hiding = Literal["do_not_contact", "killed", "snoozed", "disposition"]
"""Why an account is hidden as a whole, the strongest first."""


class StandingAction(NamedTuple):
    """One action in force."""

    by: str
    """E-mail of who acted."""
    at: int
    """When it was applied (ms): the record's timestamp."""
    reason: str | None = None
    until: int | None = None
    """When it ends by itself (ms); None: only by another action."""
    review_at: int | None = None
    """When it is to be looked at again (ms)."""
    outcome: Outcome | None = None
    """Of a disposition."""
    live: frozenset[str] = frozenset()
    """Of a disposition: the kinds (and buying group) that were live when it was applied."""
    assignee: str | None = None
    """Of an assign."""
    inherited_from: str | None = None
    """Of a `do_not_contact`: the ancestor that it is in force for; None: the account itself."""

    @property
    def hides(self) -> bool:
        """Of a disposition: whether the account leaves its lists."""
        return self.outcome is not None and self.outcome not in KEEPING


class InForce(NamedTuple):
    """The actions in force for one account. Values only: `after` and `at` return another one."""

    kills: Mapping[str, StandingAction] = {}
    """ICP, or `EVERYWHERE` -> the kill for it."""
    do_not_contact: StandingAction | None = None
    snooze: StandingAction | None = None
    claim: StandingAction | None = None
    disposition: StandingAction | None = None
    assigned: StandingAction | None = None

    @property
    def hidden(self) -> Hiding | None:
        """Why the account is hidden as a whole; None when it is not."""
        if self.do_not_contact is not None:
            return "do_not_contact"
        if EVERYWHERE in self.kills:
            return "killed"
        if self.snooze is not None:
            return "snoozed"
        return "disposition" if self.disposition is not None and self.disposition.hides else None

    @property
    def next_end(self) -> int | None:
        """When the next of them ends by itself (ms); None when none does."""
        ends = (one.until for one in (self.snooze, self.claim, self.disposition) if one is not None)
        return min((until for until in ends if until is not None), default=None)

    def at(self, now: int) -> "InForce":
        """What is left of them at `now` (ms): each ends at the instant of its `until`."""
        ends = self.next_end
        if ends is None or now < ends:
            return self
        return self._replace(
            snooze=_left(self.snooze, now), claim=_left(self.claim, now), disposition=_left(self.disposition, now)
        )

    def after(self, action: AccountAction, now: int, live: frozenset[str]) -> "InForce":
        """What is in force once `action` was applied at `now` (ms), when the kinds `live` were live.

        A claim of somebody else stays unless it is taken over. One whose `until` has passed leaves nothing. `mute`
        changes nothing here: it concerns a person's alerts.
        """
        new = StandingAction(action.by, now, action.reason, action.until, action.review_at)
        was, place = self.at(now), EVERYWHERE if action.icp is None else action.icp
        match action.action:
            case "kill":
                after = was._replace(kills={**was.kills, place: new})
            case "do_not_contact":
                after = was._replace(do_not_contact=new)
            case "snooze":
                after = was._replace(snooze=new)
            case "claim":
                after = was._replace(claim=new) if was.takes_claim(action) else was
            case "disposition":
                after = was._replace(disposition=new._replace(outcome=action.outcome, live=live))
            case "assign":
                after = was._replace(assigned=new._replace(assignee=action.assignee))
            case "restore":
                after = _restored(was, place)
            case "release":
                after = was._replace(claim=None)
            case "lift":
                after = was._replace(do_not_contact=None)
            case "mute":
                after = was
            case _:
                assert_never(action.action)
        return after.at(now)

    def takes_claim(self, action: AccountAction) -> bool:
        """Whether a claim has effect: nobody else has the account, or it is taken over from them."""
        return self.claim is None or self.claim.by == action.by or action.take_over

    def called_back(self) -> "InForce":
        """What is left once a hand raise or a trigger was applied: it ends a snooze and a disposition that hides."""
        hides = self.disposition is not None and self.disposition.hides
        return self._replace(snooze=None, disposition=None if hides else self.disposition)

    def seen_live(self, live: frozenset[str]) -> "InForce":
        """What is left when the kinds `live` are live: one that was not live then ends a disposition that hides."""
        said = self.disposition
        return self._replace(disposition=None) if said is not None and said.hides and live - said.live else self


NOTHING: Final = InForce()
"""What is in force for an account of which nobody decided anything."""


def _left(one: StandingAction | None, now: int) -> StandingAction | None:
    return None if one is None or (one.until is not None and one.until <= now) else one


def _restored(was: InForce, place: str) -> InForce:
    """A restore of one ICP ends the kill for it; one without ends the kill everywhere, a snooze and a disposition."""
    kills = {icp: kill for icp, kill in was.kills.items() if icp != place}
    return was._replace(kills=kills) if place != EVERYWHERE else was.called_back()._replace(kills=kills)
