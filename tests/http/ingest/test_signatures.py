"""Signatures of webhooks: the vectors that their makers publish, and everything that is nearly right."""

import base64
import hashlib
import hmac

import pytest

from signal_engine.adapters.http.ingest.signatures import Received, UnusableSecret, verifier, why_refused
from signal_engine.wire.intake.hooks import Hook, Signature

AT = 1_614_265_330
STANDARD_SECRET = b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
STANDARD = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": str(AT),
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
"""The example of the Standard Webhooks specification, with its secret and body."""
SEVERAL = f"v1,AAAA v1a,x {STANDARD['webhook-signature']}"
STANDARD_BODY = b'{"test": 2432232314}'
GITHUB = {"x-hub-signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
"""GitHub's "Validating webhook deliveries": the secret "It's a Secret to Everybody", the body "Hello, World!"."""
SLACK_BODY = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
    b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com"
    b"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121."
    b"803a0bc887a14d10d2c447fce8b6703c"
)
"""Slack's "Verifying requests from Slack"."""
SLACK_AT = 1_531_420_618
SLACK = {
    "x-slack-request-timestamp": str(SLACK_AT),
    "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
}


def of(scheme, **more) -> Hook:
    return Hook("h", "m", Signature(scheme, "secret", None, **more), None, None, "https://hooks.example.com")


STANDARD_HOOK = of("standard-webhooks")
GITHUB_HOOK = of("hmac-sha256", header="x-hub-signature-256", prefix="sha256=")
SLACK_HOOK = of(
    "hmac-sha256", header="x-slack-signature", prefix="v0=", timestamp_header="x-slack-request-timestamp",
    signed="v0:{timestamp}:{body}",
)  # fmt: skip
TOKEN_HOOK = of("token", header="x-commonroom-webhook-secret")
SEGMENT_HOOK = of("segment")
HUBSPOT_HOOK = of("hubspot-v3")


def hubspot(body: bytes, at: int, address: str = "https://hooks.example.com/v1/hooks/h?a=1") -> dict[str, str]:
    """As HubSpot's "Validating requests" describes version 3."""
    signed = f"POST{address}{body.decode()}{at}".encode()
    made = base64.b64encode(hmac.new(b"client-secret", signed, hashlib.sha256).digest()).decode()
    return {"x-hubspot-signature-v3": made, "x-hubspot-request-timestamp": str(at)}


def segment(body: bytes) -> dict[str, str]:
    return {"x-signature": hmac.new(b"shared", body, hashlib.sha1).hexdigest()}


MS = AT * 1_000
HOLDS = [
    (STANDARD_HOOK, STANDARD_SECRET, STANDARD, STANDARD_BODY, AT, "the published vector"),
    (STANDARD_HOOK, STANDARD_SECRET, STANDARD, STANDARD_BODY, AT + 300, "five minutes later"),
    (
        STANDARD_HOOK, STANDARD_SECRET,
        {**STANDARD, "webhook-signature": SEVERAL}, STANDARD_BODY, AT, "one of several, while secrets are rotated",
    ),
    (GITHUB_HOOK, b"It's a Secret to Everybody", GITHUB, b"Hello, World!", AT, "GitHub's published vector"),
    (SLACK_HOOK, b"8f742231b10e8888abcd99yyyzzz85a5", SLACK, SLACK_BODY, SLACK_AT, "Slack's published vector"),
    (HUBSPOT_HOOK, b"client-secret", hubspot(b"[1]", MS), b"[1]", AT, "HubSpot's description"),
    (SEGMENT_HOOK, b"shared", segment(b"{}"), b"{}", AT, "Segment: SHA-1 of the body"),
    (TOKEN_HOOK, b"shh", {"x-commonroom-webhook-secret": "shh"}, b"{}", AT, "an echoed secret"),
]  # fmt: skip


def received(headers: dict[str, str], body: bytes, at: float, target: str = "/v1/hooks/h?a=1") -> Received:
    return Received(target, headers, body, at)


@pytest.mark.parametrize(("hook", "secret", "headers", "body", "at", "why"), HOLDS, ids=[row[-1] for row in HOLDS])
def test_a_true_signature_holds_and_so_it_does_beside_another_secret(hook, secret, headers, body, at, why):
    other = b"whsec_AAAA" if hook is STANDARD_HOOK else b"another"
    assert verifier(hook, [secret])(received(headers, body, at))
    assert verifier(hook, [other, secret])(received(headers, body, at)), "while one secret replaces another"
    assert not verifier(hook, [other])(received(headers, body, at))


@pytest.mark.parametrize(("hook", "secret", "headers", "body", "at", "why"), HOLDS, ids=[row[-1] for row in HOLDS])
def test_nothing_else_holds(hook, secret, headers, body, at, why):
    verify = verifier(hook, [secret])
    for name, value in headers.items():
        without = {other: text for other, text in headers.items() if other != name}
        for wrong in ("", "x", "é", value[:-1], value + "0", value.swapcase() + "=", "v1,", "0" * 4_400, "-1", "1e9"):
            assert not verify(received({**without, name: wrong}, body, at)), (name, wrong)
        assert not verify(received(without, body, at)), name
    if hook is not TOKEN_HOOK:
        assert not verify(received(headers, body + b" ", at)), "the body was changed"
        assert not verify(received(headers, b"", at))


@pytest.mark.parametrize(
    ("hook", "secret", "headers", "body", "at"),
    [row[:5] for row in HOLDS if row[0].signature.is_dated],
    ids=[row[-1] for row in HOLDS if row[0].signature.is_dated],
)
def test_what_was_recorded_does_not_hold_later_nor_before_it_was_sent(hook, secret, headers, body, at):
    verify = verifier(hook, [secret])
    assert not any(verify(received(headers, body, at + off)) for off in (601, 3_600, -601))


def test_hubspot_signs_the_address_by_which_it_knows_us():
    verify = verifier(HUBSPOT_HOOK, [b"client-secret"])
    headers = hubspot(b"{}", MS)
    assert not verify(received(headers, b"{}", AT, "/v1/hooks/h?a=2"))
    assert not verify(received(headers, b"{}", AT, "/v1/hooks/other?a=1"))
    decoded = hubspot(b"{}", MS, "https://hooks.example.com/v1/hooks/h?a=:/?@!$'()*,;&b=%20%41")
    written = "/v1/hooks/h?a=%3A%2F%3F%40%21%24%27%28%29%2a%2C%3B&b=%20%41"
    assert verify(received(decoded, b"{}", AT, written)), "it decodes these characters, and no others"


def test_a_batch_of_segment_does_not_hold_since_only_its_first_event_is_signed():
    verify = verifier(SEGMENT_HOOK, [b"shared"])
    assert not verify(received(segment(b'{"a":1}'), b'[{"a":1},{"b":2}]', AT))


@pytest.mark.parametrize(
    ("hook", "secrets", "said"),
    [
        (STANDARD_HOOK, [b"whsec_%%%"], "must be whsec_ and base64"),
        (STANDARD_HOOK, [b"whsec_"], "must be whsec_ and base64"),
        (TOKEN_HOOK, [], "its secret is empty"),
        (TOKEN_HOOK, [b"a", b""], "its secret is empty"),
    ],
    ids=["no base64", "nothing behind the prefix", "none", "an empty one"],
)
def test_a_secret_that_would_let_anybody_in_is_refused_without_being_quoted(hook, secrets, said):
    with pytest.raises(UnusableSecret, match=said) as raised:
        verifier(hook, secrets)
    assert "%%%" not in str(raised.value)


@pytest.mark.parametrize(
    ("hook", "headers", "why"),
    [
        (STANDARD_HOOK, {}, "the header webhook-signature is missing"),
        (STANDARD_HOOK, {**STANDARD, "webhook-timestamp": ""}, "the header webhook-timestamp is missing"),
        (STANDARD_HOOK, {**STANDARD, "webhook-id": ""}, "the header webhook-id is missing"),
        (STANDARD_HOOK, {**STANDARD, "webhook-timestamp": str(AT - 301)}, "not within 300 seconds of this machine's"),
        (HUBSPOT_HOOK, hubspot(b"", AT), "not within 300 seconds"),
        (HUBSPOT_HOOK, hubspot(b"", AT * 1_000, "https://other.example.com/"), "does not come from this hook's secret"),
        (GITHUB_HOOK, {"x-hub-signature-256": "00"}, "does not begin with the prefix"),
        (SEGMENT_HOOK, segment(b"another"), "what x-signature holds does not come from this hook's secret"),
        (TOKEN_HOOK, {}, "the header x-commonroom-webhook-secret is missing"),
        (TOKEN_HOOK, {"x-commonroom-webhook-secret": "guess"}, "does not come from this hook's secret"),
    ],
)
def test_whoever_runs_us_is_told_why_and_no_value_is_quoted(hook, headers, why):
    told = why_refused(hook, Received("/v1/hooks/h?a=1", headers, b"{}", AT))
    assert why in told
    assert not any(value and value in told for value in headers.values())
