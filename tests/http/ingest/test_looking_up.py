"""Hooks that look accounts up by name or CRM id, and mail providers that are accounts."""

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.engine.intake.requests.deliveries import accounts_for
from tests.engine.intake.test_known_accounts import row
from tests.http.asking import Answer, ask
from tests.http.ingest.stand import Stand, event, hooks_in

SECRET = "s3cret"
HOOKS = """
hooks:
  named:
    mapping: named.yaml
    signature: {scheme: hmac-sha256, header: X-Sig, secret_file: FOLDER/secret}
  numbered:
    mapping: numbered.yaml
    signature: {scheme: hmac-sha256, header: X-Sig, secret_file: FOLDER/secret}
  plain:
    mapping: plain.yaml
    signature: {scheme: hmac-sha256, header: X-Sig, secret_file: FOLDER/secret}
"""
MAPPING = """
mapping: NAME
reads: json
produces: engagement
account: ACCOUNT
event_id: [at]
occurred_at: at
constants: {activity: form_fill, source: forms}
"""
LOADED = (
    row("acme.com", "Acme Inc.", "7"),
    row("bee.com", "Bee", "8", ("9",)),
    row("bee.de", "Bee GmbH"),
    row("gmail.com", "Gmail"),
)


@pytest.fixture
def stand(tmp_path: Path) -> Stand:
    def mapping(name: str, account: str) -> str:
        return MAPPING.replace("NAME", name).replace("ACCOUNT", account)

    hooks = hooks_in(
        tmp_path,
        HOOKS,
        secret=SECRET,
        named_yaml=mapping("named", "[{from: company, through: accounts.name}, site]"),
        numbered_yaml=mapping("numbered", "{from: id, through: accounts.crm_id}"),
        plain_yaml=mapping("plain", "site"),
    )
    return Stand(hooks, known=accounts_for(hook.mapper for hook in hooks.values()))


def loaded(stand: Stand) -> Stand:
    for one in LOADED:
        assert stand.known.take(one) is None
    stand.known.is_whole = True
    return stand


async def deliver(stand: Stand, hook: str, **fields: Any) -> Answer:
    raw = json.dumps({"at": "2026-11-28T11:00:00Z", **fields}).encode()
    signature = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return await ask(stand.app, f"/v1/hooks/{hook}", "POST", raw, content_type="application/json", x_sig=signature)


@pytest.mark.parametrize(
    ("hook", "fields", "account"),
    [
        ("named", {"company": "ACME GmbH"}, "acme.com"),
        ("named", {"site": "www.other.com"}, "other.com"),
        ("numbered", {"id": "7"}, "acme.com"),
        ("numbered", {"id": 7}, "acme.com"),
        ("numbered", {"id": "9"}, "bee.com"),
        ("plain", {"site": "gmail.com"}, "gmail.com"),
    ],
)
async def test_a_delivery_is_of_the_account_that_it_names(stand, hook, fields, account):
    answer = await deliver(loaded(stand), hook, **fields)
    assert (answer.status, answer.json) == (202, {"accepted": 1, "passed_over": 0, "kept": 0})
    assert [one["account_id"] for one in stand.kafka.events()] == [account]


@pytest.mark.parametrize(
    ("hook", "fields", "detail"),
    [
        ("named", {"company": "Nobody"}, "'company' is the name of no account in the accounts file"),
        ("named", {"company": "bee"}, "'company' is the name of several accounts"),
        ("numbered", {"id": "77"}, "'id' is the id of no account in the accounts file"),
        ("plain", {"site": "web.de"}, "account_id is a mail provider, not the sender's company"),
    ],
)
async def test_one_that_names_none_or_several_is_kept_and_says_whom_to_nobody(stand, hook, fields, detail):
    answer = await deliver(loaded(stand), hook, **fields)
    assert (answer.status, answer.json) == (202, {"accepted": 0, "passed_over": 0, "kept": 1})
    (letter,) = stand.kafka.kept()
    assert dict(letter.headers)["dlq.detail"].decode() == detail


async def test_until_all_are_known_hooks_that_look_them_up_wait_and_no_other_does(stand):
    for hook in ("named", "numbered"):
        answer = await deliver(stand, hook, company="Acme", id="7")
        assert (answer.status, answer.headers["retry-after"]) == (503, "5")
        assert "the accounts are still being read" in answer.json["detail"]
    assert stand.kafka.records == [], "nothing is kept of what will be sent again"
    assert (await deliver(stand, "plain", site="acme.com")).json["accepted"] == 1
    assert (await stand.post(event())).status == 202
    ready = await ask(stand.app, "/readyz")
    assert (ready.status, ready.json["status"]) == (200, "ready")
    assert ready.json["problems"] == ["the accounts are still being read: hooks that look them up answer 503"]
    assert (await ask(loaded(stand).app, "/readyz")).json["problems"] == []
    assert (await deliver(stand, "named", company="Acme")).json["accepted"] == 1


async def test_whose_signature_does_not_hold_is_not_told_to_wait(stand):
    answer = await ask(stand.app, "/v1/hooks/named", "POST", b"{}", content_type="application/json", x_sig="00")
    assert answer.status == 401


async def test_a_mail_provider_is_refused_unless_it_is_an_account_and_let_through_while_nobody_knows(stand):
    gmail, other = event(account_id="gmail.com", event_id="1"), event(account_id="web.de", event_id="2")
    assert (await stand.post([gmail, other])).json["accepted"] == 2
    told = (await loaded(stand).post([gmail, other])).json["results"]
    assert [one["status"] for one in told] == ["accepted", "refused"]
    assert (told[1]["reason"], "mail provider" in told[1]["detail"]) == ("account", True)
