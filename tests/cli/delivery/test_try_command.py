"""`notify try` as users run it: one message to one destination, asked first, and how it ended."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.http.ingest.signatures import Received, verifier
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.receivers.mail import MailReceiver, receiving_mail
from testing.receivers.slack_limits import problems
from tests.http.ingest.test_signatures import STANDARD_HOOK, STANDARD_SECRET
from tests.outgoing.receivers import Handler, Receiver, answers, receiving
from tests.wire.delivery.alerts import an_alert

ROUTES = """\
version: 1
destinations:
  ops: {webhook: {url_file: URL, secret_file: SECRET}}
  chat: {slack: {url_file: URL}}
  direct: {slack: {token_file: SECRET, direct: true}}
  mail: {email: {from: s@example.com}}
people:
  Ann Roe: {email: ann@example.com}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [chat, direct, mail]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    url, secret = tmp_path / "url", tmp_path / "secret"
    secret.write_text(f"{STANDARD_SECRET.decode()}\n")
    (tmp_path / "routes.yaml").write_text(ROUTES.replace("URL", str(url)).replace("SECRET", str(secret)))
    return tmp_path


async def tried(
    folder: Path, answer: Handler, *options: str, code: int = 0, allow: str = "127.0.0.0/8"
) -> tuple[Any, Receiver]:
    """What the command printed, as JSON where it is some, and what came."""
    environment = {"SIGNAL_ENGINE_ROUTES": str(folder / "routes.yaml"), "SIGNAL_ENGINE_OUTGOING_ALLOW": allow}
    async with receiving(answer) as receiver:
        (folder / "url").write_text(f"{receiver.url}/secret-path\n")
        done = await asyncio.to_thread(
            processes.run, [*COMMAND, "notify", "try", "-", *options], cwd=ROOT, env=environment,
            stdin=json.dumps(an_alert()).encode(), timeout=60,
        )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    assert "secret-path" not in done.stdout + done.stderr
    return (json.loads(done.stdout) if "--json" in options and done.stdout else done.stdout + done.stderr), receiver


async def test_a_webhook_arrives_signed(folder: Path) -> None:
    told, receiver = await tried(folder, answers(204, ""), "--to", "ops", "--yes", "--json")
    assert (told["destination"], told["end"]) == ("ops", "sent")
    (came,) = receiver.requests
    assert came.headers["webhook-id"] == told["delivery_id"] == json.loads(came.body)["delivery_id"]
    sent_at = float(came.headers["webhook-timestamp"])
    assert verifier(STANDARD_HOOK, [STANDARD_SECRET])(Received("/", came.headers, came.body, sent_at))


async def test_an_incoming_webhook_of_slack_gets_the_message(folder: Path) -> None:
    told, receiver = await tried(folder, answers(200), "--to", "chat", "--yes")
    assert "sent to chat" in told
    assert list(problems(json.loads(receiver.requests[0].body))) == []


async def test_what_did_not_arrive_is_said_with_the_receivers_answer(folder: Path) -> None:
    told, _ = await tried(folder, answers(410, ""), "--to", "ops", "--yes", code=1)
    assert "error: not sent to ops: the receiver answered 410: it is gone for good" in told


async def test_without_leave_nothing_goes_to_this_machine(folder: Path) -> None:
    told, receiver = await tried(folder, answers(200), "--to", "ops", "--yes", code=1, allow="")
    assert "SIGNAL_ENGINE_OUTGOING_ALLOW" in told
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (("--to", "ops"), 2, "this sends a message to ops; --yes sends it"),
        (("--to", "direct"), 2, "this sends a message to direct, for Ann Roe; --yes sends it"),
        (("--to", "east", "--yes"), 2, "--to east: is none of the destinations: ops, chat, direct, mail"),
        (("--to", "direct", "--person", "Cy", "--yes"), 2, "--person Cy: is none of the people"),
        (("--to", "mail", "--yes"), 2, "destinations.mail.email: SIGNAL_ENGINE_SMTP_HOST names no mail server"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_is(
    folder: Path, options: tuple[str, ...], code: int, said: str
) -> None:
    told, receiver = await tried(folder, answers(200), *options, code=code)
    assert said in told
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("secret", "said"),
    [("", "holds no secret"), ("not base64!", "must be base64"), (None, "cannot be read")],
)
async def test_a_secret_that_cannot_be_used_is_named_by_file_and_not_quoted(
    folder: Path, secret: str | None, said: str
) -> None:
    if secret is None:
        (folder / "secret").unlink()
    else:
        (folder / "secret").write_text(secret)
    told, receiver = await tried(folder, answers(200), "--to", "ops", "--yes", code=2)
    assert f"destinations.ops.webhook.secret_file: {folder / 'secret'}: {said}" in told.replace("\n", "")
    assert "not base64!" not in told
    assert receiver.requests == []


async def test_a_mail_reaches_the_person_whom_the_alert_is_for(folder: Path) -> None:
    async with receiving_mail(MailReceiver()) as receiver:
        done = await asyncio.to_thread(
            processes.run, [*COMMAND, "notify", "try", "-", "--to", "mail", "--yes"], cwd=ROOT,
            env={
                "SIGNAL_ENGINE_ROUTES": str(folder / "routes.yaml"), "SIGNAL_ENGINE_OUTGOING_ALLOW": "127.0.0.0/8",
                "SIGNAL_ENGINE_SMTP_HOST": "127.0.0.1", "SIGNAL_ENGINE_SMTP_PORT": str(receiver.port),
                "SIGNAL_ENGINE_SMTP_TLS": "none",
            },
            stdin=json.dumps(an_alert()).encode(), timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, "sent to mail: the mail server took it\n"), done.stderr
    (came,) = receiver.taken
    assert (came.mail_from, came.rcpt_tos) == ("s@example.com", ["ann@example.com"])
    assert b"Hot: Acme" in came.content
