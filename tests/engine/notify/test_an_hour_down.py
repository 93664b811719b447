"""A receiver is down for an hour: it is asked seldom meanwhile, gets everything once it is back, and holds no other."""

import random

from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.rules.instants import HOUR, SECOND
from signal_engine.wire.messages.to_send import MessageToSend
from tests.core.delivery.scene import routing, to
from tests.engine.notify.stand import NOON, FakeSender, NotifyStand, alert_at, names

_ALERTS = 300


class Down(FakeSender):
    """It answers 503 until an instant of its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.back_at, self.refused = NOON, NOON + HOUR, 0

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:
        if self.now < self.back_at:
            self.refused += 1
            return Attempt("retry", "HTTP 503")
        return await super().send(message, person)


async def test_everything_arrives_within_the_hour_after_it_is_back_once_each() -> None:
    down, well = Down(), FakeSender()
    stand = NotifyStand(routing(to("ops", "west", sent="always")), {"ops": down, "west": well})
    stand.context.jitter = random.Random(7).random
    everybody = {f"account-{number}.com" for number in range(_ALERTS)}
    await stand.plan(*(alert_at(account, NOON) for account in sorted(everybody)))
    await stand.deliver("west", most=_ALERTS)
    assert {*names(well.sent)} == everybody, "nobody waits for the one that is down"
    while len(down.sent) < _ALERTS:
        assert stand.now < NOON + 2 * HOUR + 60 * SECOND, f"{_ALERTS - len(down.sent)} wait for longer than a pause"
        stand.now = down.now = stand.now + SECOND
        while await stand.queue("ops").once():
            pass
    assert sorted(names(down.sent)) == sorted(everybody), "each once"
    assert down.refused < 5 * _ALERTS, "a request a minute and destination, not one a second and alert"
    assert stand.said.words.count("destination_failing") == 1
