"""The door as command line and HTTP use it: accounts by any name, ids that come again, and what is written."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LATEST_KEPT, LoggedAction
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.door.check import Terms
from signal_engine.engine.door.door import Admitted, Door
from signal_engine.engine.door.past_actions import fold
from signal_engine.engine.door.rulebook import DoorRules
from signal_engine.engine.door.wanted import ActionRefusal, WantedAction
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.actions.record import read_action
from signal_engine.wire.storage.actions import StoredActions
from tests.build import ACME, T0, after, fit_decision
from tests.engine.door.test_check import DANA, ID, KIM, SAAS, SAM

OTHER_ID = "0b8f7f0e-0f5c-4a57-a9d4-6d1f0a9b2c11"


class Kafka:
    """The topic in memory: what is written can be read."""

    def __init__(self) -> None:
        self.records: list[ToSend] = []

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        self.records += records
        return [one.now for one in self.actions[-len(records) :]]

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        return [fold(one for one in self.actions if one.action.account == account) for account in accounts]

    def wrote(self, taken: LoggedAction) -> None:
        """It is in the topic."""

    @property
    def actions(self) -> list[LoggedAction]:
        read = [read_action(one.value, T0) for one in self.records]
        return [LoggedAction(T0 + number, one) for number, one in enumerate(read) if isinstance(one, AccountAction)]


class RulesSource:
    def __init__(self, fits: Mapping[str, Fit]) -> None:
        self.fits = fits

    async def look(self, accounts: Sequence[str]) -> DoorRules:
        return DoorRules((SAAS,), {account: self.fits.get(account) for account in accounts})


def door(kafka: Kafka, now: int = T0) -> Door:
    fits = {ACME: Fit(ACME, (fit_decision(icp="saas"),))}
    return Door(RulesSource(fits), kafka, kafka, "ours.account.actions", Terms(), lambda: now)


def wanted(action: str = "claim", by: str = SAM, account: str = ACME, action_id: str = ID, **more: Any) -> WantedAction:
    return WantedAction(account, action, by, "api", action_id, **more)  # type: ignore[arg-type]


async def test_an_action_is_written_to_its_account_as_the_engine_reads_it() -> None:
    kafka = Kafka()
    told = await door(kafka).act(wanted(account="https://www.Acme.com/careers", reason=" Met at a fair. "))
    assert isinstance(told, Admitted)
    assert (told.is_new, told.is_known) == (True, True)
    (record,) = kafka.records
    assert (record.topic, record.partition, record.key) == ("ours.account.actions", None, b"acme.com")
    assert read_action(record.value, T0) == told.action
    assert (told.action.account, told.action.reason) == (ACME, "Met at a fair.")


async def test_the_same_request_again_is_the_same_action_and_is_written_once() -> None:
    kafka = Kafka()
    first = await door(kafka).act(wanted())
    again = await door(kafka, now=after(hours=1)).act(wanted(action_id=ID.upper(), by=SAM.upper()))
    assert isinstance(first, Admitted)
    assert again == first._replace(is_new=False), "with the end that it was given then"
    assert len(kafka.records) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"action": "do_not_contact"},
        {"by": KIM},
        {"reason": "another"},
        {"until": after(days=1)},
        {"take_over": True},
        {"action": "disposition", "outcome": "contacted"},
    ],
)
async def test_the_same_id_with_another_body_is_refused(other: dict[str, Any]) -> None:
    kafka = Kafka()
    await door(kafka).act(wanted())
    told = await door(kafka).act(wanted(**other))
    assert isinstance(told, ActionRefusal)
    assert (told.fault, len(kafka.records)) == ("invalid", 1)


async def test_an_id_belongs_to_its_account() -> None:
    kafka = Kafka()
    await door(kafka).act(wanted())
    assert isinstance(await door(kafka).act(wanted(account="example.de")), Admitted)


async def test_what_was_written_before_is_known_at_the_door() -> None:
    kafka = Kafka()
    await door(kafka).act(wanted())
    told = await door(kafka).act(wanted(by=KIM, action_id=OTHER_ID))
    assert isinstance(told, ActionRefusal)
    assert told.fault == "conflict"
    assert SAM in told.detail


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"account": "localhost"}, "account "),
        ({"account": "gmail.com"}, "account is a mail provider"),
        ({"action_id": "17"}, "the id of an action must be a UUID"),
        ({"reason": "  "}, "reason must have at least 1"),
    ],
)
async def test_what_cannot_be_right_is_refused_and_nothing_is_written(given: dict[str, Any], said: str) -> None:
    kafka = Kafka()
    told = await door(kafka).act(wanted(**given))
    assert isinstance(told, ActionRefusal)
    assert told.fault == "invalid"
    assert told.detail.startswith(said)
    assert not kafka.records


async def test_an_account_in_no_file_can_be_barred_and_the_answer_says_so() -> None:
    told = await door(Kafka()).act(wanted("do_not_contact", account="unknown.example.org"))
    assert isinstance(told, Admitted)
    assert not told.is_known


async def test_checking_many_writes_nothing_and_answers_in_order() -> None:
    kafka = Kafka()
    answers = await door(kafka).check(
        [wanted("kill", DANA), wanted("kill", SAM, action_id=OTHER_ID), wanted(account="?", action_id=OTHER_ID)]
    )
    assert [one.fault if isinstance(one, ActionRefusal) else one.action.icp for one in answers] == [
        "saas", "forbidden", "invalid",
    ]  # fmt: skip
    assert not kafka.records


def test_an_id_that_comes_again_counts_once() -> None:
    claim = AccountAction(ACME, ID, "claim", T0, SAM, "api", until=after(days=14))
    release = AccountAction(ACME, OTHER_ID, "release", T0, SAM, "api")
    past = fold([LoggedAction(T0, claim), LoggedAction(T0 + 1, release), LoggedAction(T0 + 2, claim)])
    assert past.in_force.claim is None, "the copy of the claim does not claim again"
    assert [taken.action.action for taken in past.log.latest] == ["claim", "release"]


async def test_an_id_that_is_known_but_whose_action_is_no_longer_is_refused() -> None:
    kafka = Kafka()
    await door(kafka).act(wanted())
    for number in range(LATEST_KEPT):
        await door(kafka).act(wanted(action_id=f"{number:08}-0000-4000-8000-000000000000"))
    told = await door(kafka).act(wanted())
    assert isinstance(told, ActionRefusal), "what it was for can no longer be told, and it must not count twice"
