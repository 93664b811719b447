"""`ingest` and `config check` before anything is served: what is refused, and what is said."""

import hashlib

import pytest

from tests.intake.running import invoke

HOOKS = """\
hooks:
  crm:
    mapping: own.yaml
    signature: {scheme: SCHEME}
"""
OWN = (
    "mapping: own\nreads: json\nproduces: engagement\naccount: a\n"
    "event_id: id\noccurred_at: at\nfields: {activity: b}\n"
)


@pytest.fixture
def hooks(tmp_path, monkeypatch):
    """Writes a hooks file with one scheme, and puts it in force."""

    def write(scheme: str, mapping: str = OWN) -> None:
        (tmp_path / "own.yaml").write_text(mapping)
        (tmp_path / "secret").write_text("shh\n")
        text = HOOKS.replace("SCHEME", scheme).replace("FOLDER", str(tmp_path))
        (tmp_path / "hooks.yaml").write_text(text)
        monkeypatch.setenv("SIGNAL_ENGINE_HOOKS", str(tmp_path / "hooks.yaml"))

    return write


@pytest.mark.parametrize(
    ("scheme", "said"),
    [
        ("segment, secret_file: FOLDER/secret", "own needs a natural key"),
        ("hubspot-v3, secret_file: FOLDER/secret", "public_url: is required by hubspot-v3"),
        ("standard-webhooks, secret_file: FOLDER/none", "hook crm: "),
        ("standard-webhooks, secret_env: NO_SUCH_VARIABLE", "hook crm: NO_SUCH_VARIABLE holds no secret"),
    ],
)
def test_a_hook_that_cannot_be_trusted_is_refused_by_check_and_by_ingest(hooks, scheme, said):
    hooks(scheme)
    for command in (("config", "check"), ("ingest",)):
        done = invoke(*command)
        assert done.exit_code == 2, done.output
        assert said in done.stderr
        assert "shh" not in done.output


def test_a_secret_that_its_scheme_cannot_use_is_refused_without_being_quoted(hooks):
    hooks("standard-webhooks, secret_file: FOLDER/secret")
    assert invoke("config", "check").exit_code == 2
    done = invoke("ingest")
    assert done.exit_code == 2
    assert "hook crm: the secret of Standard Webhooks must be whsec_ and base64" in done.stderr
    assert "shh" not in done.output


def test_hooks_in_order_are_listed_by_check(hooks):
    hooks("segment, secret_file: FOLDER/secret", OWN.replace("id\n", "[b, at]\n"))
    done = invoke("config", "check")
    assert done.exit_code == 0, done.stderr
    assert "hooks.yaml: ok, hooks crm" in done.stdout


def test_a_hooks_file_or_a_mapping_that_is_missing_is_named(hooks, monkeypatch, tmp_path):
    monkeypatch.setenv("SIGNAL_ENGINE_HOOKS", str(tmp_path / "none.yaml"))
    assert "none.yaml: cannot be read: No such file or directory" in invoke("config", "check").stderr
    hooks("segment, secret_file: FOLDER/secret")
    (tmp_path / "own.yaml").unlink()
    assert "own.yaml: cannot be read" in invoke("config", "check").stderr


def test_a_token_is_shown_once_and_the_settings_take_its_entry():
    done = invoke("ingest", "--new-token", "crm")
    token = done.stdout.strip()
    assert f"SIGNAL_ENGINE_INGEST_TOKENS=write:crm:{hashlib.sha256(token.encode()).hexdigest()}" in done.stderr
    assert invoke("ingest", "--new-token", "c rm").exit_code == 2


@pytest.mark.parametrize("entry", ["act:a@b.com:" + "0" * 64, "write:" + "0" * 64, "write:a b:" + "0" * 64, "secret"])
def test_entries_that_are_no_tokens_of_this_door_are_refused_unquoted(monkeypatch, entry):
    monkeypatch.setenv("SIGNAL_ENGINE_INGEST_TOKENS", entry)
    done = invoke("ingest")
    assert done.exit_code == 2
    assert "SIGNAL_ENGINE_INGEST_TOKENS: must be read:SHA256 or write:NAME:SHA256" in done.stderr
    assert "secret" not in done.stderr


def test_the_api_takes_no_tokens_that_write(monkeypatch):
    monkeypatch.setenv("SIGNAL_ENGINE_API_TOKENS", "write:crm:" + "0" * 64)
    done = invoke("config", "check")
    assert done.exit_code == 2
    assert "must be read:SHA256 or act:EMAIL:SHA256" in done.stderr


def test_others_cannot_reach_a_door_without_tokens(monkeypatch):
    monkeypatch.setenv("SIGNAL_ENGINE_INGEST_HOST", "0.0.0.0")
    done = invoke("ingest")
    assert done.exit_code == 2
    assert "0.0.0.0 is reachable from other machines, and no tokens are set" in done.stderr


def test_without_kafka_it_does_not_start(monkeypatch):
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS", "localhost:1")
    done = invoke("ingest")
    assert done.exit_code == 1
    assert "Kafka does not answer" in done.stderr
