"""Standard Webhooks: what is sent is what a receiver verifies, with every secret."""

import base64
import json
import re
import time
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from signal_engine.adapters.http.ingest.signatures import Received, verifier
from signal_engine.adapters.outgoing.senders import WebhookSender
from signal_engine.adapters.outgoing.webhook import send_webhook, signed_headers, standard_key
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.wire.delivery.destination_models import WebhookPlace
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.to_send import MessageToSend
from tests.http.ingest.test_signatures import AT, STANDARD, STANDARD_BODY, STANDARD_HOOK, STANDARD_SECRET
from tests.outgoing.receivers import Came, answers, poster, receiving
from tests.wire.messages.test_content import CONTEXT, alert_of

OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSx"
KEYS = [standard_key(STANDARD_SECRET.decode()), standard_key(OTHER)]


def test_the_example_of_the_specification_is_signed_as_it_says() -> None:
    headers = signed_headers(STANDARD["webhook-id"], AT, STANDARD_BODY, KEYS[:1])
    assert {name: headers[name] for name in STANDARD} == STANDARD


@pytest.mark.parametrize("secret", [STANDARD_SECRET, OTHER.encode()])
async def test_a_receiver_with_either_secret_verifies_what_it_got(secret: bytes) -> None:
    body = json.dumps({"name": "Ärger"}).encode()
    async with receiving(answers(204, "")) as receiver:
        assert await send_webhook(poster(), receiver.url, "d-1", AT, body, KEYS) == Attempt(
            "sent", "the receiver answered 204"
        )
    (came,) = receiver.requests
    verify = verifier(STANDARD_HOOK, [secret])
    assert came.body == body
    assert verify(Received("/", came.headers, came.body, float(AT)))
    assert not verify(Received("/", came.headers, came.body + b" ", float(AT)))


@pytest.mark.parametrize("secret", [STANDARD_SECRET.decode(), OTHER])
def test_the_standards_own_library_verifies_it_with_either_secret(secret: str) -> None:
    body, now = b'{"name": "\xc3\x84rger"}', int(time.time())
    headers = signed_headers("d-1", now, body, KEYS)
    assert Webhook(secret).verify(body, headers) == {"name": "Ärger"}
    for wrong in (headers | {"webhook-id": "d-2"}, headers | {"webhook-timestamp": str(now + 1)}):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(body, wrong)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(body, signed_headers("d-1", now - 600, body, KEYS))


def test_while_secrets_are_replaced_each_signs_once_and_in_the_form_of_the_standard() -> None:
    """Old and new receivers verify the same delivery; once the old secret is gone, only the new ones do."""
    secrets = [STANDARD_SECRET.decode(), OTHER, "whsec_" + base64.b64encode(b"the third one" * 4).decode()]
    body, now = b"{}", int(time.time())
    headers = signed_headers("d-1", now, body, [standard_key(one) for one in secrets])
    signatures = headers["webhook-signature"].split(" ")
    assert len({*signatures}) == len(secrets)
    for secret, signature in zip(secrets, signatures, strict=True):
        version, _, encoded = signature.partition(",")
        assert version == "v1"
        assert len(base64.b64decode(encoded, validate=True)) == 32
        assert Webhook(secret).verify(body, {**headers, "webhook-signature": signature}) == {}
        assert Webhook(secret).verify(body, headers) == {}
    assert re.fullmatch(r"[0-9]{10}", headers["webhook-timestamp"])
    assert "." not in headers["webhook-id"], "a full stop parts what is signed"
    after = signed_headers("d-1", now, body, [standard_key(one) for one in secrets[1:]])
    with pytest.raises(WebhookVerificationError):
        Webhook(secrets[0]).verify(body, after)
    Webhook(secrets[1]).verify(body, after)


async def test_a_secret_that_is_added_to_the_file_signs_the_next_message_and_one_that_is_gone_does_not(
    tmp_path: Path,
) -> None:
    """Secrets are read anew for every message: nothing has to be started again."""
    url, secret = tmp_path / "url", tmp_path / "secret"
    files = WebhookPlace(url_file=str(url), secret_file=str(secret))
    sender = WebhookSender(poster(), "destinations.ops", files, lambda: int(time.time() * 1_000))
    alert = alert_of()
    async with receiving(answers(204, "")) as receiver:
        url.write_text(receiver.url)
        for text in (STANDARD_SECRET.decode(), f"{STANDARD_SECRET.decode()}\n\n {OTHER} \n", OTHER):
            secret.write_text(text)
            await sender.send(MessageToSend(alert, message(alert, CONTEXT), CONTEXT, "d-1"), None)
    verified = [[_verifies(one, came) for one in (STANDARD_SECRET.decode(), OTHER)] for came in receiver.requests]
    assert verified == [[True, False], [True, True], [False, True]]


def _verifies(secret: str, came: Came) -> bool:
    try:
        Webhook(secret).verify(came.body, came.headers)
    except WebhookVerificationError:
        return False
    return True


async def test_sent_again_it_has_the_same_id() -> None:
    async with receiving(answers(503, "", Retry_After="9")) as receiver:
        for at in (AT, AT + 60):
            attempt = await send_webhook(poster(), receiver.url, "d-1", at, b"{}", KEYS)
            assert (attempt.end, attempt.retry_after_s) == ("retry", 9.0)
    assert {came.headers["webhook-id"] for came in receiver.requests} == {"d-1"}
    assert len({came.headers["webhook-signature"] for came in receiver.requests}) == 2


@pytest.mark.parametrize(("status", "end"), [(410, "disabled"), (400, "failed"), (302, "failed"), (500, "retry")])
async def test_what_the_answer_comes_to(status: int, end: str) -> None:
    async with receiving(answers(status, "", Location="https://elsewhere.example/")) as receiver:
        assert (await send_webhook(poster(), receiver.url, "d", AT, b"{}", KEYS)).end == end


async def test_what_the_guard_refuses_is_not_tried_again() -> None:
    attempt = await send_webhook(poster(), "https://10.0.0.1/", "d", AT, b"{}", KEYS)
    assert attempt.end == "failed"
    assert "OUTGOING_ALLOW" in attempt.said


@pytest.mark.parametrize("secret", ["", "whsec_", "not base64!", "whsec_ä"])
def test_a_secret_that_is_none_is_refused_without_being_quoted(secret: str) -> None:
    with pytest.raises(ValueError, match="must be base64") as refused:
        standard_key(secret)
    assert len(secret) < 8 or secret not in str(refused.value)
