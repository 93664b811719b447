"""The flood guard: what one person gets within an hour; beyond a limit, alerts become one message that counts them.

It counts alerts, wherever they reach the person: one that goes to two destinations counts once, and what comes beyond
the limit is one message at one of them.
"""

from collections.abc import Collection
from typing import Final, Literal, NamedTuple

from signal_engine.core.rules.instants import DAY, HOUR, MINUTE

FLOOD_LIMIT: Final = 6
"""Messages a person and hour that are sent by themselves."""
_WINDOW_MS: Final = HOUR
_REMEMBERED_MS: Final = 2 * DAY
"""For so long a summary that was begun is remembered: longer than it is tried."""
_GATHER_MS: Final = MINUTE
"""For so long what is due for one digest is gathered."""
_MOST_NAMED: Final = 50
"""Accounts that a summary names."""
_MOST_KNOWN: Final = 1_024
"""Alerts that a summary knows by their ids: more than two processes decide before they write it down, so whoever
asks again after a kill is among them. The others are counted: a flow does not grow with every alert of a flood.
"""


class AskedDelivery(NamedTuple):
    """A delivery of which it is asked whether it is sent now."""

    delivery_id: str
    tells: str
    """What the person learns by it, the same at each destination: the alert, or that it waits."""
    account: str
    destination: str


class Summary(NamedTuple):
    """One message that stands for several alerts."""

    delivery_id: str
    """The delivery by which it is sent: that of the first alert over the limit."""
    due: int
    """When it is to be sent, and once it is begun, when that was (ms)."""
    others: tuple[str, ...] = ()
    """What it `tells` of besides, the last thousand; none an hour after it was sent."""
    accounts: tuple[str, ...] = ()
    """Their accounts, in order, each once, the first fifty."""
    begun: bool = False
    """It is being sent: what comes now goes to the next one."""
    earlier: int = 0
    """How many it stands for that are no longer in `others`."""
    tells: str = ""
    """What its own delivery tells."""
    destination: str = ""
    """Where it is sent."""

    @property
    def many(self) -> int:
        """How many alerts it stands for besides its own."""
        return self.earlier + len(self.others)


class PersonalFlow(NamedTuple):
    """What one person got lately."""

    sent: tuple[tuple[str, int], ...] = ()
    """(what was told, instant in ms) within the last hour, oldest first."""
    summaries: tuple[Summary, ...] = ()
    """One that is not begun collects."""


class FlowDecision(NamedTuple):
    """What becomes of one delivery."""

    does: Literal["send", "wait", "join"]
    until: int | None = None
    """Of `wait`: it becomes the summary, which is sent then (ms)."""
    into: str | None = None
    """Of `join`: the delivery that stands for it."""
    summary: Summary | None = None
    """Of `send`: what else the message tells of."""


def guarded(
    flow: PersonalFlow, asked: AskedDelivery, now: int, unreached: Collection[str] = ()
) -> tuple[PersonalFlow, FlowDecision]:
    """What becomes of a delivery to the person at `now` (ms), and the flow after that. The same delivery may ask again:
    it gets the same answer.

    Nothing new joins a message that waits for one of the destinations `unreached`, nor does what goes elsewhere of an
    alert that such a message tells of: a dead receiver holds no other.
    """
    flow = _recent(flow, now)
    if (decided := _of_a_summary(flow, asked, now, unreached)) is not None:
        return decided
    if any(told == asked.tells for told, _ in flow.sent):
        return flow, FlowDecision("send")
    if len(flow.sent) < FLOOD_LIMIT:
        return flow._replace(sent=(*flow.sent, (asked.tells, now))), FlowDecision("send")
    return _collecting(flow, asked, flow.sent[0][1] + _WINDOW_MS)


def gathered(flow: PersonalFlow, asked: AskedDelivery, now: int) -> tuple[PersonalFlow, FlowDecision]:
    """What becomes of a delivery that was kept for a digest which is due at `now` (ms), and the flow after that.

    The first waits a minute for the others, and tells of them. The same delivery gets the same answer.
    """
    flow = _recent(flow, now)
    if (decided := _of_a_summary(flow, asked, now, ())) is not None:
        return decided
    return _collecting(flow, asked, now + _GATHER_MS)


def withdrawn(flow: PersonalFlow, delivery_id: str) -> PersonalFlow | None:
    """The flow once a delivery is not to be sent; None where it stands for others, who would hear of nothing then."""
    own = next((one for one in flow.summaries if one.delivery_id == delivery_id), None)
    if own is not None and own.many:
        return None
    return flow._replace(summaries=tuple(one for one in flow.summaries if one != own))


def _collecting(flow: PersonalFlow, asked: AskedDelivery, due: int) -> tuple[PersonalFlow, FlowDecision]:
    """The delivery waits for others, and is sent at `due` (ms)."""
    own = Summary(asked.delivery_id, due, tells=asked.tells, destination=asked.destination)
    return flow._replace(summaries=(*flow.summaries, own)), FlowDecision("wait", until=due)


def _of_a_summary(
    flow: PersonalFlow, asked: AskedDelivery, now: int, unreached: Collection[str]
) -> tuple[PersonalFlow, FlowDecision] | None:
    """What a summary makes of a delivery: one that it is, one that it stands for, or the one that it takes in."""
    own = next((one for one in flow.summaries if one.delivery_id == asked.delivery_id), None)
    if own is not None:
        return _of_summary(flow, own, now)
    standing = next((one for one in flow.summaries if _stands_for(one, asked, unreached)), None)
    if standing is not None:
        return flow, FlowDecision("join", into=standing.delivery_id)
    if any(told == asked.tells for told, _ in flow.sent):
        return None
    open_ = (one for one in flow.summaries if not one.begun)
    collecting = next((one for one in open_ if one.destination not in unreached), None)
    if collecting is None:
        return None
    joined = _with(collecting, asked.tells, asked.account)
    return _replaced(flow, joined), FlowDecision("join", into=joined.delivery_id)


def _stands_for(summary: Summary, asked: AskedDelivery, unreached: Collection[str]) -> bool:
    """Whether the person hears by the summary what the delivery would tell."""
    is_reached = summary.destination not in unreached or summary.destination == asked.destination
    return is_reached and asked.tells in {summary.tells, *summary.others}


def _of_summary(flow: PersonalFlow, own: Summary, now: int) -> tuple[PersonalFlow, FlowDecision]:
    if own.begun:
        return flow, FlowDecision("send", summary=own)
    if now < own.due:
        return flow, FlowDecision("wait", until=own.due)
    begun = own._replace(begun=True, due=now)
    return _replaced(flow, begun)._replace(sent=(*flow.sent, (own.tells, now))), FlowDecision("send", summary=begun)


def _with(summary: Summary, tells: str, account: str) -> Summary:
    accounts = tuple(dict.fromkeys((*summary.accounts, account)))[:_MOST_NAMED]
    return _forgetting(summary._replace(others=(*summary.others, tells), accounts=accounts), _MOST_KNOWN)


def _forgetting(summary: Summary, most: int) -> Summary:
    """It knows the last `most` by their ids, and counts the others."""
    earlier = max(0, len(summary.others) - most)
    return summary._replace(others=summary.others[earlier:], earlier=summary.earlier + earlier)


def _replaced(flow: PersonalFlow, summary: Summary) -> PersonalFlow:
    return flow._replace(
        summaries=tuple(summary if one.delivery_id == summary.delivery_id else one for one in flow.summaries)
    )


def _recent(flow: PersonalFlow, now: int) -> PersonalFlow:
    began = now - _WINDOW_MS
    remembered = [one for one in flow.summaries if one.due > now - _REMEMBERED_MS]
    return PersonalFlow(
        tuple((one, at) for one, at in flow.sent if at > began),
        tuple(_forgetting(one, 0) if one.begun and one.due <= began else one for one in remembered),
    )
