"""Hooks files: what is read, and every contradiction with file, line and field."""

import pytest

from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.hooks_file import check_mappings, parse
from signal_engine.wire.intake.mapping_file import parse as parse_mapping
from signal_engine.wire.intake.presets import preset

GOOD = """\
hooks:
  crm:
    mapping: segment-rudderstack
    account: https://www.Acme.com/
    timezone: Europe/Berlin
    signature:
      scheme: hmac-sha256
      header: X-Signature
      timestamp_header: X-Timestamp
      secret_file: /run/secrets/crm
"""
PLAIN = "hooks:\n  h:\n    mapping: m\n    signature: {scheme: SCHEME}\n"


def test_a_hook_is_read_with_its_defaults():
    (hook,) = parse("h.yaml", GOOD.encode()).hooks
    assert (hook.name, hook.mapping, hook.account, hook.zone, hook.public_url) == (
        "crm", "segment-rudderstack", "acme.com", "Europe/Berlin", "",
    )  # fmt: skip
    signature = hook.signature
    assert (signature.header, signature.timestamp_header) == ("x-signature", "x-timestamp")
    assert (signature.encoding, signature.tolerance_s, signature.signed) == ("hex", 300, "{timestamp}.{body}")
    assert signature.is_dated


WRONG = [
    ("header: X-Signature", "header: 'X Signature'", "h.yaml:8: hooks.crm.signature.header: ", "no name of a header"),
    ("      header: X-Signature\n", "", "hooks.crm.signature.header: is required", "nothing to look at"),
    ("secret_file: /run/secrets/crm", "secret: x", "secret: is not a known field", "a secret in the file"),
    ("      secret_file: /run/secrets/crm\n", "", "needs either secret_file or secret_env", "no secret"),
    ("secret_file: /run/secrets/crm", "secret_file: a\n      secret_env: B", "needs either secret_file", "two secrets"),
    (
        "header: X-Signature",
        "header: X-S\n      signed: '{body}'",
        "{timestamp} and timestamp_header belong",
        "unsigned",
    ),
    ("header: X-Signature", "header: X-S\n      signed: '{timestamp}'", "signed: must contain {body}", "no body"),
    ("timestamp_header: X-Timestamp", "tolerance_seconds: 9", "tolerance_seconds: needs timestamp_header", "tolerance"),
    (
        "timestamp_header: X-Timestamp",
        "timestamp_header: X-T\n      tolerance_seconds: 0",
        "tolerance_seconds: ",
        "none",
    ),
    ("scheme: hmac-sha256", "scheme: md5", "scheme: ", "no such scheme"),
    ("scheme: hmac-sha256", "scheme: segment", "header: is fixed by segment", "Segment says which header"),
    ("timezone: Europe/Berlin", "timezone: Berlin", "h.yaml:5: hooks.crm.timezone: must be the name of", "no zone"),
    ("https://www.Acme.com/", "localhost", "h.yaml:4: hooks.crm.account: ", "no account"),
    ("account: https://www.Acme.com/", "public_url: https://a.com", "is only used by hubspot-v3", "unused"),
    ("account: https://www.Acme.com/", "public_url: http://a.com", "must be https://HOST", "no TLS"),
    ("  crm:", "  CRM/1:", "h.yaml:2: ", "no name for an address"),
    ("    mapping: segment-rudderstack\n", "", "hooks.crm.mapping: is required", "no mapping"),
    (GOOD, "hooks: {}", "h.yaml:1: hooks: must not be empty", "no hooks"),
]


@pytest.mark.parametrize(("old", "new", "said", "why"), WRONG, ids=[row[-1] for row in WRONG])
def test_what_is_wrong_is_said_with_its_place(old, new, said, why):
    assert old in GOOD
    with pytest.raises(ConfigurationError) as raised:
        parse("h.yaml", GOOD.replace(old, new).encode())
    assert said in "\n".join(raised.value.lines)


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("scheme: hubspot-v3, secret_env: S", "public_url: is required by hubspot-v3"),
        ("scheme: token, secret_env: S", "header: is required"),
        ("scheme: token, secret_env: S, header: X-T, encoding: hex", "encoding: belongs to hmac-sha256"),
        ("scheme: standard-webhooks, secret_env: S, prefix: v1", "prefix: belongs to hmac-sha256"),
        ("scheme: token, secret_env: S, header: Authorization, prefix: 'Bearer '", None),
        ("scheme: standard-webhooks, secret_env: S", None),
        ("scheme: segment, secret_env: S", None),
        ("scheme: hmac-sha256, secret_env: S, header: X-S, encoding: base64", None),
    ],
)
def test_each_scheme_has_its_own_keys(signature, said):
    text = PLAIN.replace("scheme: SCHEME", signature).encode()
    if said is None:
        assert len(parse("h.yaml", text).hooks) == 1
    else:
        with pytest.raises(ConfigurationError) as raised:
            parse("h.yaml", text)
        assert said in "\n".join(raised.value.lines)


OWN = (
    "mapping: own\nreads: json\nproduces: engagement\naccount: a\n"
    "event_id: ID\noccurred_at: at\nfields: {activity: b}\n"
)
SCHEMES = {
    "dated": "scheme: standard-webhooks, secret_env: S",
    "signed": "scheme: segment, secret_env: S",
    "token": "scheme: token, secret_env: S, header: X-T",
}
FITS = [
    ("dated", OWN.replace("ID", "id"), None, "a sender's id is enough where deliveries are dated"),
    ("signed", OWN.replace("ID", "id"), "own needs a natural key", "no timestamp, no natural key"),
    ("token", OWN.replace("ID", "id"), "token has no timestamp", "no timestamp, no natural key either"),
    ("signed", OWN.replace("ID", "[b, at]"), None, "a natural key"),
    ("token", OWN.replace("ID", "{from: id, or: [b, at]}"), None, "both"),
    ("dated", OWN.replace("ID", "id").replace("json", "columns"), "reads the columns of a table", "a table"),
    ("dated", OWN.replace("ID", "id").replace("account: a", "account: given"), "account: is required", "whose?"),
    (
        "dated", OWN.replace("ID", "id").replace("account: a", "account: {from: a, through: accounts.name}"), None,
        "a name",
    ),
    (
        "dated", OWN.replace("ID", "id").replace("account: a", "account: {from: a, through: accounts.crm_id}"), None,
        "a CRM id",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "mapping", "said", "why"), FITS, ids=[row[-1] for row in FITS])
def test_a_mapping_that_a_hook_cannot_work_with_is_refused(scheme, mapping, said, why):
    hooks = parse("h.yaml", PLAIN.replace("scheme: SCHEME", SCHEMES[scheme]).encode())
    mappings = {"h": parse_mapping("own.yaml", mapping.encode())}
    if said is None:
        check_mappings(hooks, mappings)
    else:
        with pytest.raises(ConfigurationError) as raised:
            check_mappings(hooks, mappings)
        assert said in str(raised.value.lines)
        assert "h.yaml:" in raised.value.lines[0]


def test_accounts_do_not_come_by_a_hook():
    hooks = parse("h.yaml", PLAIN.replace("scheme: SCHEME", SCHEMES["dated"]).encode())
    with pytest.raises(ConfigurationError) as raised:
        check_mappings(hooks, {"h": preset("hubspot-companies")})
    assert "makes accounts, and a hook takes events" in raised.value.lines[0]
