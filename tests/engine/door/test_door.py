"""The door as command line and HTTP use it: accounts by any name, ids that come again, and what is written."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LATEST_KEPT, LoggedAction
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.door import door as door_module
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
from tests.engine.stand import until

ALIASES = {"acme.de": ACME}
OTHER_ID = "0b8f7f0e-0f5c-4a57-a9d4-6d1f0a9b2c11"
THIRD_ID = "5c1d2a0e-8f6b-4e0b-9d5c-3a7b1f2e4d22"


class Kafka:
    """The topic in memory: what is written can be read."""

    def __init__(self) -> None:
        self.records: list[ToSend] = []
        self.forgets = False

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        self.records += records
        return [one.now for one in self.actions[-len(records) :]]

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        return [fold(one for one in self.actions if one.action.account == account) for account in accounts]

    async def find(self, account: str, action_id: str) -> LoggedAction | None:
        wanted = (account, "" if self.forgets else action_id)
        return next((one for one in self.actions if (one.action.account, one.action.action_id) == wanted), None)

    def wrote(self, taken: LoggedAction) -> None:
        """It is in the topic."""

    @property
    def actions(self) -> list[LoggedAction]:
        read = [read_action(one.value, T0) for one in self.records]
        return [LoggedAction(T0 + number, one) for number, one in enumerate(read) if isinstance(one, AccountAction)]


class SlowKafka(Kafka):
    """Takes its time to write."""

    def __init__(self) -> None:
        super().__init__()
        self.goes_on = asyncio.Event()
        self.goes_on.set()
        self.writing = 0

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        self.writing += 1
        await asyncio.sleep(0)
        await self.goes_on.wait()
        return await super().write(records)


class RulesSource:
    def __init__(self, fits: Mapping[str, Fit], undecided: Sequence[str] = ()) -> None:
        self.fits = fits
        self.undecided = undecided

    async def rules_for(self, accounts: Sequence[str]) -> DoorRules:
        meant = {ALIASES.get(account, account) for account in accounts}
        fits = {account: self.fits.get(account) for account in meant}
        aliases = {account: ALIASES[account] for account in accounts if account in ALIASES}
        return DoorRules((SAAS,), fits, self.undecided, aliases)


def door(kafka: Kafka, now: int = T0, undecided: Sequence[str] = ()) -> Door:
    fits = {} if undecided else {ACME: Fit(ACME, (fit_decision(icp="saas"),))}
    return Door(RulesSource(fits, undecided), kafka, kafka, "ours.account.actions", Terms(), lambda: now)


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


async def test_the_same_request_is_known_after_more_actions_than_people_are_shown() -> None:
    kafka = Kafka()
    first = await door(kafka).act(wanted())
    for number in range(LATEST_KEPT):
        await door(kafka).act(wanted(action_id=f"{number:08}-0000-4000-8000-000000000000"))
    assert isinstance(first, Admitted)
    assert await door(kafka).act(wanted()) == first._replace(is_new=False)
    assert isinstance(await door(kafka).act(wanted("do_not_contact")), ActionRefusal)
    kafka.forgets = True
    told = await door(kafka).act(wanted())
    assert isinstance(told, ActionRefusal), "what it was for can no longer be told, and it must not count twice"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"action": "kill", "by": DANA, "everywhere": True}, {"action": "kill", "by": DANA}),
        ({"action": "kill", "by": DANA, "icp": "saas"}, {"action": "kill", "by": DANA}),
        ({"until": after(days=14)}, {}),
    ],
)
async def test_a_field_that_is_left_out_makes_it_another_request(first: dict[str, Any], second: dict[str, Any]) -> None:
    for one, other in ((first, second), (second, first)):
        kafka = Kafka()
        assert isinstance(await door(kafka).act(wanted(**one)), Admitted)
        told = await door(kafka).act(wanted(**other))
        assert isinstance(told, ActionRefusal)
        assert (told.fault, len(kafka.records)) == ("invalid", 1)
        assert isinstance(await door(kafka).act(wanted(**one)), Admitted)


@pytest.mark.parametrize(
    ("asked", "written", "same"),
    [
        ({}, {"until": after(days=14)}, True),
        ({"until": after(days=1)}, {"until": after(days=14)}, False),
        ({"action": "kill", "everywhere": True}, {}, True),
        ({"action": "kill"}, {}, False),
        ({"action": "kill"}, {"icp": "saas"}, True),
        ({"action": "kill", "icp": "saas"}, {"icp": "other"}, False),
    ],
)
def test_an_action_without_a_digest_is_compared_by_what_was_asked_for(
    asked: dict[str, Any], written: dict[str, Any], same: bool
) -> None:
    one = wanted(**asked)
    assert one.matches(AccountAction(ACME, ID, one.action, T0, SAM, "api", **written)) is same


def test_a_digest_is_of_what_is_asked_for_and_by_whom() -> None:
    one = wanted(by=SAM)
    assert one.digest == "c9f8cf36611ae71e", "it is stored, so it must stay what it is"
    assert one.digest == one._replace(via="dashboard", account="www.acme.com", by=SAM.upper(), action_id="x").digest
    assert one.digest != one._replace(by=KIM).digest


async def test_of_two_at_once_the_second_is_checked_when_the_first_has_been_written() -> None:
    kafka = SlowKafka()
    ours = door(kafka)
    mute = wanted("mute", until=after(days=1))
    first, other = await asyncio.gather(ours.act(mute), ours.act(mute._replace(action="do_not_contact", until=None)))
    assert isinstance(first, Admitted)
    assert isinstance(other, ActionRefusal), "one id is one request"
    claims = await asyncio.gather(
        ours.act(wanted(action_id=OTHER_ID)), ours.act(wanted(by=KIM, action_id=THIRD_ID, account="www.acme.com"))
    )
    assert [type(one) for one in claims] == [Admitted, ActionRefusal]
    assert len(kafka.records) == 2
    assert len(ours._turns) == 0, "nothing is kept of who has acted"


async def test_accounts_do_not_wait_for_each_other_and_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_module, "_TURN_TIMEOUT_S", 0.01)
    kafka = SlowKafka()
    kafka.goes_on.clear()
    ours = door(kafka)
    first = asyncio.create_task(ours.act(wanted()))
    elsewhere = asyncio.create_task(ours.act(wanted(account="example.de")))
    await until(lambda: kafka.writing == 2)
    told = await ours.act(wanted(by=KIM, action_id=OTHER_ID))
    assert isinstance(told, ActionRefusal)
    assert told.fault == "unavailable"
    first.cancel()
    kafka.goes_on.set()
    assert isinstance(await elsewhere, Admitted)
    await asyncio.gather(first, return_exceptions=True)
    assert len(ours._turns) == 0


async def test_while_nobody_knows_who_is_admitted_rights_wait_and_everybody_may_bar() -> None:
    ours = door(Kafka(), undecided=[ACME])
    told = [await ours.act(wanted(action, DANA, action_id=str(uuid4()))) for action in ("kill", "restore", "release")]
    assert [one.fault for one in told if isinstance(one, ActionRefusal)] == ["unavailable"] * 3
    barred = await ours.act(wanted("do_not_contact"))
    assert isinstance(barred, Admitted)
    assert barred.is_known, "nobody can say that it is in no file"


async def test_an_action_on_an_alias_is_written_for_its_account() -> None:
    kafka = Kafka()
    ours = door(kafka)
    answer = await ours.act(wanted(account="https://www.acme.de/about"))
    assert isinstance(answer, Admitted)
    assert (answer.action.account, answer.is_known, kafka.records[0].key) == (ACME, True, ACME.encode())
    again = await ours.act(wanted(account=ACME))
    assert isinstance(again, Admitted)
    assert not again.is_new, "the same request, by the account's own name"
