"""The sync file: what is wrong is named by file, line and field."""

from pathlib import Path

import pytest

from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.sync.sync_file import parse


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refused:
        parse("sync.yaml", text.encode())
    return refused.value.lines


def test_the_shipped_file_is_valid() -> None:
    model = parse("sync.yaml", Path("config/sync.yaml").read_bytes())
    assert {one.kind for one in model.sinks.values()} == {"files", "linkedin"}


def test_every_kind() -> None:
    model = parse(
        "sync.yaml",
        b"""
version: 1
sinks:
  hs: {hubspot: {token_file: /run/secrets/hubspot}}
  sf: {salesforce: {instance: "https://acme.my.salesforce.com", client_id_file: /a, client_secret_file: /b}}
  ads: {linkedin: {folder: ads}}
  hook: {webhook: {url_file: /a, secret_file: /b, of: nurture, changes: [moved]}}
  lake: {files: {folder: lake, parquet: true}}
""",
    )
    assert [one.kind for one in model.sinks.values()] == ["hubspot", "salesforce", "linkedin", "webhook", "files"]
    assert model.sinks["hs"].hubspot is not None
    assert not model.sinks["hs"].hubspot.create


@pytest.mark.parametrize(
    "instance",
    [
        "http://acme.my.salesforce.com",
        "https://acme.my.salesforce.com.evil.example",
        "https://evilsalesforce.com",
        "https://acme.my.salesforce.com:8443",
        "https://user@acme.my.salesforce.com",
        "https://acme.my.salesforce.com/x",
    ],
)
def test_a_secret_goes_to_no_host_but_salesforces(instance: str) -> None:
    fields = f'instance: "{instance}", client_id_file: /a, client_secret_file: /b'
    text = f"version: 1\nsinks:\n  sf: {{salesforce: {{{fields}}}}}"
    (line,) = problems(text)
    assert line.startswith("sync.yaml:3: sinks.sf.salesforce.instance: must be https:// and a host in salesforce.com")


@pytest.mark.parametrize("host", ["login", "test"])
def test_salesforces_login_pages_give_apps_no_token(host: str) -> None:
    fields = f'instance: "https://{host}.salesforce.com", client_id_file: /a, client_secret_file: /b'
    (line,) = problems(f"version: 1\nsinks:\n  sf: {{salesforce: {{{fields}}}}}")
    assert "must be your My Domain, such as https://acme.my.salesforce.com" in line


def test_what_is_wrong_is_named() -> None:
    text = """version: 1
every: 0
sinks:
  one: {hubspot: {token: secret}}
  two: {files: {folder: a}, webhook: {url_file: a, secret_file: b}}
  THREE: {files: {folder: a}}
"""
    lines = problems(text)
    assert [line.partition(": ")[0] for line in lines] == [
        "sync.yaml:2", "sync.yaml:4", "sync.yaml:4", "sync.yaml:5", "sync.yaml:6",
    ]  # fmt: skip
    assert "sinks.two: must have exactly one of hubspot, salesforce, linkedin, webhook, files" in lines[3]


@pytest.mark.parametrize("folder", ["out/a", "out/a/", "./out//a", "out/x/../a"])
def test_two_sinks_do_not_write_into_one_folder(folder: str) -> None:
    text = f"version: 1\nsinks:\n  one: {{files: {{folder: out/a}}}}\n  two: {{linkedin: {{folder: {folder}}}}}"
    assert problems(text) == ("sync.yaml:4: sinks.two: writes into the folder of one: each sink needs its own",)


def test_parquet_is_for_the_scores_that_one_list_alone_is_without() -> None:
    text = "version: 1\nsinks:\n  one: {files: {folder: a, of: nurture, parquet: true}}"
    (line,) = problems(text)
    assert line.startswith("sync.yaml:3: sinks.one.files: must not have `parquet` beside `of`")


def following(of: str) -> bytes:
    return f"version: 1\nsinks:\n  ads: {{linkedin: {{folder: a, of: {of}}}}}".encode()


@pytest.mark.parametrize("of", ["nurtur", "Audience", "audiance", "excluded"])
def test_a_misspelt_selection_is_refused_with_the_names_there_are(of: str) -> None:
    (line,) = problems(following(of).decode())
    known = "all, nurture, audience, exclude, or the id of an ICP"
    assert line == f"sync.yaml:3: sinks.ads.linkedin.of: {of} is none of the lists and selections: {known}"


def test_where_the_icps_are_known_every_other_name_is_refused() -> None:
    parse("sync.yaml", following("audience-eu"))
    for of in ("all", "exclude", "saas", "excludes"):
        parse("sync.yaml", following(of), ["saas", "excludes"])
    with pytest.raises(ConfigurationError) as refused:
        parse("sync.yaml", following("audience-eu"), ["saas"])
    assert refused.value.lines[0].endswith(": all, saas, nurture, audience, exclude")
