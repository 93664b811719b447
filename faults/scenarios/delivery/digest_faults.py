"""`digest --follow` dies around the hour: each person has the digest of the day, once."""

import email
import json
import signal
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.policy import default
from pathlib import Path
from typing import Final

from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario, Verdict
from testing.clocked import put_ahead
from testing.receivers.mail import MailReceiver, receiving_mail
from testing.worker import Worker

_STEPS: Final = ("before_digest_claim", "before_digest_send", "after_digest_send", "after_digest_note")
_PEOPLE: Final = ("ann", "bo", "cy")
_EVENTS: Final = 300
_WITHIN_S: Final = 90.0
_BUSY_S: Final = 180
"""Longer than whoever began to send a digest is left alone."""
_TO_NEXT_WORKING_DAY: Final = (1, 1, 1, 1, 3, 2, 1)
"""Days, from Monday on."""
_ROUTES: Final = """\
version: 1
destinations:
  mail: {email: {from: signals@example.com}}
  ops: {email: {from: signals@example.com, to: [ops@example.com]}}
people:
  Ann: {email: ann@example.com}
  Bo: {email: bo@example.com}
  Cy: {email: cy@example.com}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [mail], digest: daily 08:30}
"""


class _Days:
    """Days whose 8:30 comes when we say so; `digest --follow` lives by their clock."""

    def __init__(self, stage: Stage, receiver: MailReceiver) -> None:
        self._stage, self._receiver = stage, receiver
        self._clock: Path = stage.folder / "clock"
        self._at = datetime.now(UTC).replace(hour=8, minute=31, second=0, microsecond=0)
        self.days = 0

    def begin_next(self) -> None:
        """The next working day: on others nobody gets a digest."""
        self.days += 1
        self._at += timedelta(days=_TO_NEXT_WORKING_DAY[self._at.weekday()])
        put_ahead(self._clock, self._at.timestamp() - time.time())

    def pass_seconds(self, seconds: float) -> None:
        put_ahead(self._clock, float(self._clock.read_text()) + seconds)

    def follow(self, *die: tuple[str, int]) -> Worker:
        how = json.dumps({"die": [*die[0]]} if die else {})
        module = "faults.harness.dying.digest_process"
        command = [sys.executable, "-u", "-m", "testing.clocked", str(self._clock), module, how]
        log = self._stage.folder / f"digest-{len(self._stage.workers)}.log"
        self._stage.workers.append(worker := Worker(log, self._stage.environment, command))
        return worker

    def arrived(self) -> Counter[tuple[str, str]]:
        """(address, Message-ID) -> how often it came."""
        came = [(one.rcpt_tos[0], one.content) for one in self._receiver.taken if isinstance(one.content, bytes)]
        read = [(to, email.message_from_bytes(content, policy=default)) for to, content in came]
        return Counter((to, str(message["Message-ID"])) for to, message in read)

    async def all_have_it(self) -> bool:
        """Whether everybody has a digest of each day so far."""
        have = Counter(to for to, _ in self.arrived())
        return all(have[f"{name}@example.com"] >= self.days for name in _PEOPLE)

    def verdict(self) -> Verdict:
        """One Message-ID is what a person sees once, however often it comes."""
        came, wanted = self.arrived(), self.days * len(_PEOPLE)
        have = Counter(to for to, _ in came)
        lost = sum(max(0, self.days - have[f"{name}@example.com"]) for name in _PEOPLE)
        return Verdict(wanted, lost, len(came) - wanted + lost, came.total() - len(came))


async def _first_start(stage: Stage, days: _Days) -> None:
    """From the first start on Redis knows what was sent; no digest of a day before is sent."""
    put_ahead(stage.folder / "clock", 0)
    first = days.follow()

    async def begun() -> bool:
        return "digest_record_begun" in first.words()

    await stage.until(begun, _WITHIN_S, "it never began to keep what it sends")
    assert first.end() == 0


async def _killed(stage: Stage) -> Outcome:
    """Dies at each step of a digest, and is started again."""
    await stage.prepare()
    stage.start("one")
    await stage.send(_EVENTS)
    await stage.caught_up()
    routes = stage.folder / "routes.yaml"
    routes.write_text(_ROUTES)
    async with receiving_mail(MailReceiver()) as receiver:
        stage.set(
            ROUTES=str(routes), SMTP_HOST="127.0.0.1", SMTP_PORT=str(receiver.port), SMTP_TLS="none",
            OUTGOING_ALLOW="127.0.0.0/8", DIGEST_PORT="0",
        )  # fmt: skip
        days, kills = _Days(stage, receiver), 0
        await _first_start(stage, days)
        for step in [step for step in _STEPS for _ in range(stage.some(5, 1))]:
            days.begin_next()
            armed = days.follow((step, stage.dice.randint(1, len(_PEOPLE))))

            async def dead(armed: Worker = armed) -> bool:
                return armed.process.poll() is not None

            await stage.until(dead, _WITHIN_S, f"it never came to {step}")
            assert armed.process.returncode == -signal.SIGKILL, f"it ended by itself\n{stage.log_tails()}"
            kills += 1
            days.pass_seconds(_BUSY_S)
            again = days.follow()

            async def follows(again: Worker = again) -> bool:
                return "digests_followed" in again.words() and await days.all_have_it()

            await stage.until(follows, _WITHIN_S, f"after {step} somebody has no digest")
            assert again.end() == 0, "SIGTERM ends it in order"
        return Outcome(days.verdict(), faults=kills)


SCENARIOS: Final = (
    Scenario(
        name="digest_killed",
        promise="each person has the digest of each day, under one Message-ID, wherever `digest --follow` dies",
        fault="SIGKILL at each step of a digest around its hour, 5 times each in a run (once in the short form)",
        play=_killed, within=900,
    ),
)  # fmt: skip
"""Every scenario."""
