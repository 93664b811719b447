"""Where settings come from, what is refused, and that no secret is ever told."""

import os
import re
from pathlib import Path

import pytest

from signal_engine.engine.door.check import DISPOSITION_DAYS
from signal_engine.entrypoints.wiring.process.shared_hosts import shared_hosts
from signal_engine.entrypoints.wiring.setting_types import disposition_days
from signal_engine.entrypoints.wiring.settings import FIELDS, Settings, read_settings, shown
from signal_engine.entrypoints.wiring.settings_sources import unknown, variable
from signal_engine.wire.config.yaml_files import ConfigurationError

PASSWORD = "SIGNAL_ENGINE_KAFKA_SASL_PASSWORD"
CONTRACT = {
    "kafka_bootstrap_servers": "localhost:9092",
    "kafka_security_protocol": "PLAINTEXT",
    "redis_url": "redis://localhost:6379/0",
    "prefix": "",
    "group": "signal-engine",
    "instance": "",
    "scoring": "config/scoring.yaml",
    "partitions": 12,
    "publish_seconds": 2,
    "api_host": "127.0.0.1",
    "api_port": 8080,
}


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SIGNAL_ENGINE_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def refused() -> list[str]:
    """The messages with which the settings are refused."""
    with pytest.raises(ConfigurationError) as caught:
        read_settings()
    return list(caught.value.lines)


def test_the_defaults_are_those_of_the_contract() -> None:
    settings = read_settings()
    assert {field: shown(settings, field) for field in CONTRACT} == CONTRACT
    assert settings.origins == {}


def test_the_environment_comes_before_the_file_and_the_file_before_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SIGNAL_ENGINE_GROUP=from-file\nexport SIGNAL_ENGINE_PREFIX='from-file.'\n")
    monkeypatch.setenv("SIGNAL_ENGINE_GROUP", "from-environment")
    settings = read_settings()
    assert (settings.group, settings.prefix, settings.api_port) == ("from-environment", "from-file.", 8080)
    assert settings.origins == {"group": "environment", "prefix": ".env"}


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_PARTITIONS", "")
    assert read_settings().partitions == 12


def test_a_secret_may_be_in_a_file_and_its_line_end_does_not_count(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "url").write_text("redis://:s3cret@redis:6379/2\n")
    monkeypatch.setenv("SIGNAL_ENGINE_REDIS_URL_FILE", str(tmp_path / "url"))
    settings = read_settings()
    assert settings.redis_url.get_secret_value() == "redis://:s3cret@redis:6379/2"
    assert settings.origins == {"redis_url": f"file {tmp_path / 'url'}"}


def test_a_file_named_by_the_environment_comes_before_a_value_in_dotenv(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    Path(".env").write_text("SIGNAL_ENGINE_REDIS_URL=redis://other\n")
    (tmp_path / "url").write_text("redis://one")
    monkeypatch.setenv("SIGNAL_ENGINE_REDIS_URL_FILE", str(tmp_path / "url"))
    assert read_settings().redis_url.get_secret_value() == "redis://one"


def test_a_secret_given_twice_in_one_place_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD, "one")
    monkeypatch.setenv(PASSWORD + "_FILE", "two")
    assert refused() == [f"{PASSWORD}: is set together with {PASSWORD}_FILE; set only one"]


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(PASSWORD + "_FILE", "missing")
    assert refused() == [f"{PASSWORD}_FILE: missing: cannot be read: No such file or directory"]


def test_a_secret_file_that_is_no_text_is_not_quoted(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"s3cret\xff")
    monkeypatch.setenv(PASSWORD + "_FILE", str(tmp_path / "key"))
    assert refused() == [f"{PASSWORD}_FILE: {tmp_path / 'key'}: cannot be read: is not UTF-8"]


def test_an_error_in_dotenv_is_told_with_its_line() -> None:
    Path(".env").write_text("# ours\nSIGNAL_ENGINE_API_PORT=many\n")
    assert refused() == [
        ".env:2: SIGNAL_ENGINE_API_PORT: must be a valid integer, unable to parse string as an integer"
    ]


def test_a_line_of_dotenv_that_is_no_setting_is_told_with_its_line() -> None:
    Path(".env").write_text("SIGNAL_ENGINE_API_PORT=1\n'what is this\n")
    assert refused() == [".env:2: is not NAME=VALUE"]


def test_a_dollar_in_dotenv_stands_for_itself() -> None:
    Path(".env").write_text("SIGNAL_ENGINE_REDIS_URL='redis://:a${HOME}$b@redis'\n")
    assert read_settings().redis_url.get_secret_value() == "redis://:a${HOME}$b@redis"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka:0", "must be HOST:PORT"),
        ("KAFKA_BOOTSTRAP_SERVERS", "one:9092,,two:9092", "must be HOST:PORT"),
        ("KAFKA_BOOTSTRAP_SERVERS", "kafka://one:9092", "must be HOST:PORT"),
        ("KAFKA_SECURITY_PROTOCOL", "tls", "must be 'PLAINTEXT'"),
        ("KAFKA_SASL_MECHANISM", "GSSAPI", "must be 'PLAIN'"),
        ("PREFIX", "ours/", "must contain only letters"),
        ("INSTANCE", "worker 1", "must contain only letters"),
        ("PARTITIONS", "0", "must be greater than or equal to 1"),
        ("PUBLISH_SECONDS", "nan", "must be"),
        ("PUBLISH_SECONDS", "61", "must be less than or equal to 60"),
        ("API_ACTOR", "ann", "must be an e-mail address"),
        ("API_TOKENS", "act:ann:" + "a" * 64, "must be read:SHA256 or act:EMAIL:SHA256 or admin:"),
        ("PRIVACY_OWNER", "pat", "must be an e-mail address"),
        ("DISPOSITION_DAYS", "later=3", "must be OUTCOME=DAYS, several separated by commas, of no_response, "),
        ("DISPOSITION_DAYS", "contacted=3", "must be OUTCOME=DAYS, several separated by commas, of no_response, "),
        ("DISPOSITION_DAYS", "not_now", "must be OUTCOME=DAYS with 1 to 3650 days; not_now is not"),
        ("DISPOSITION_DAYS", "not_now=0", "must be OUTCOME=DAYS with 1 to 3650 days; not_now is not"),
        ("DISPOSITION_DAYS", "not_now=9 no_budget=x", "must be OUTCOME=DAYS with 1 to 3650 days; no_budget is not"),
        ("CRM_URL", "ftp://crm.example.com/{crm_id}", "must be an http or https URL"),
        ("CRM_URL", "https://crm.example.com/", "must hold {crm_id} or {account_id}"),
        ("API_PORT", "65536", "must be less than or equal to 65535"),
    ],
)
def test_what_is_refused_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    monkeypatch.setenv(f"SIGNAL_ENGINE_{name}", value)
    (message,) = refused()
    assert message.startswith(f"SIGNAL_ENGINE_{name}: {said}")


@pytest.mark.parametrize("servers", ["kafka", "kafka:9093", "[::1]:9092", "one:1, two:2"])
def test_servers_are_hosts_with_or_without_a_port(monkeypatch: pytest.MonkeyPatch, servers: str) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS", servers)
    assert read_settings().kafka_bootstrap_servers == servers.replace(" ", "")


@pytest.mark.parametrize(
    "url", ["http://s3cret@h", "s3cret", "redis://:s3/cret@h", "redis://u:12?s3cret@h", "redis://h:s3cret", "redis://"]
)
def test_a_refused_url_is_not_quoted(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_REDIS_URL", url)
    (message,) = refused()
    assert message.startswith("SIGNAL_ENGINE_REDIS_URL: must be redis://")
    assert "cret" not in message


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("redis://redis:6379/0", "redis://redis:6379/0"),
        ("rediss://me:s3cret@redis:6379/0", "rediss://me:********@redis:6379/0"),
        ("redis://:s3cret@[::1]:1/3", "redis://:********@[::1]:1/3"),
        ("redis://redis?password=s3cret", "redis://redis?********"),
        ("unix:///run/redis.sock?db=1&password=s3cret", "unix:///run/redis.sock?********"),
    ],
)
def test_the_password_in_the_url_is_masked_and_the_rest_is_not(
    monkeypatch: pytest.MonkeyPatch, url: str, masked: str
) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_REDIS_URL", url)
    settings = read_settings()
    assert shown(settings, "redis_url") == masked
    assert "s3cret" not in repr(settings)


def test_a_password_that_looks_like_a_url_is_masked_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL", "sasl_ssl")
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_SASL_USERNAME", "me")
    monkeypatch.setenv(PASSWORD, "redis://s3cret")
    assert shown(read_settings(), "kafka_sasl_password") == "********"


def test_sasl_needs_a_name_and_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT")
    assert refused() == [
        f"SIGNAL_ENGINE_KAFKA_SASL_{name}: is required when SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL is SASL_PLAINTEXT"
        for name in ("USERNAME", "PASSWORD")
    ]


def test_a_certificate_that_would_not_be_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_SSL_CAFILE", "ca.pem")
    (message,) = refused()
    assert message.startswith("SIGNAL_ENGINE_KAFKA_SSL_CAFILE: is only used with ")
    assert message.endswith("SSL or SASL_SSL, but SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL is PLAINTEXT")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"API_HOST": "0.0.0.0"}, "whoever reaches SIGNAL_ENGINE_API_HOST 0.0.0.0 would act"),
        ({"API_OPEN": "true"}, "with SIGNAL_ENGINE_API_OPEN anybody would act"),
        ({"API_HOSTS": "signals.example"}, "with SIGNAL_ENGINE_API_HOSTS others can reach the API and would act"),
        ({"API_TOKENS": "read:" + "a" * 64}, "is not used with SIGNAL_ENGINE_API_TOKENS, which say who acts"),
    ],
)
def test_who_acts_without_a_token_is_named_only_where_nobody_else_can_ask(
    monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], said: str
) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_API_ACTOR", "ann@example.com")
    assert read_settings().api_actor == "ann@example.com"
    for name, value in settings.items():
        monkeypatch.setenv(f"SIGNAL_ENGINE_{name}", value)
    (message,) = refused()
    assert message.startswith(f"SIGNAL_ENGINE_API_ACTOR: {said}")


def test_days_of_outcomes_that_are_not_named_have_their_default() -> None:
    assert disposition_days("") == DISPOSITION_DAYS
    assert disposition_days(" not_now=7,competitor=365 ") == {**DISPOSITION_DAYS, "not_now": 7, "competitor": 365}


def test_every_problem_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_PARTITIONS", "x")
    monkeypatch.setenv("SIGNAL_ENGINE_API_PORT", "y")
    assert len(refused()) == 2


def test_a_slip_of_the_pen_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_KAFKA_SASL_PASSWORT", "x")
    monkeypatch.setenv("SIGNAL_ENGINE_TEST_KAFKA", "ours")
    assert list(unknown(FIELDS, ("kafka_sasl_password",))) == [
        f"SIGNAL_ENGINE_KAFKA_SASL_PASSWORT: is not a setting; did you mean {PASSWORD}?"
    ]


def test_what_the_program_sets_itself_needs_no_environment_and_has_no_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_GROUP", "elsewhere")
    settings = Settings(group="here")
    assert (settings.group, settings.origins) == ("here", {})
    assert variable("group") == "SIGNAL_ENGINE_GROUP"


def test_shared_hosts_are_those_that_are_shipped_and_those_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "boards.greenhouse.io" in shared_hosts()
    assert "jobs.acme.com" not in shared_hosts()
    monkeypatch.setenv("SIGNAL_ENGINE_SHARED_HOSTS", "jobs.acme.com, -greenhouse.io")
    monkeypatch.setenv("SIGNAL_ENGINE_PARTITIONS", "no other setting is read")
    assert "jobs.acme.com" in shared_hosts()
    assert "boards.greenhouse.io" not in shared_hosts()


def test_a_shared_host_that_is_none_is_refused_with_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("SIGNAL_ENGINE_GROUP=x\nSIGNAL_ENGINE_SHARED_HOSTS=acme\n")
    message = (
        ".env:2: SIGNAL_ENGINE_SHARED_HOSTS: has the invalid entry 'acme'; valid are host.com, *.host.com, and either"
    )
    with pytest.raises(ConfigurationError, match=re.escape(message)):
        shared_hosts()
    assert refused()[0].startswith(".env:2: SIGNAL_ENGINE_SHARED_HOSTS: ")


@pytest.mark.parametrize(
    "url", ["http://proxy:0", "http://proxy:99999", "http://me:secret@proxy:65536", "http://proxy"]
)
def test_a_proxy_at_a_port_that_none_has_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Every delivery would fail for good otherwise: no URL has such a port."""
    monkeypatch.setenv("SIGNAL_ENGINE_OUTGOING_PROXY", url)
    (line,) = refused()
    assert line.startswith("SIGNAL_ENGINE_OUTGOING_PROXY: must be http://[USER:PASSWORD@]HOST:PORT")
    assert "secret" not in line
    monkeypatch.setenv("SIGNAL_ENGINE_OUTGOING_PROXY", "http://me:secret@[::1]:65535/")
    read_settings()


def test_that_all_processes_can_run_on_one_machine() -> None:
    ports = [Settings.model_fields[name].default for name in FIELDS if name.endswith("_port")]
    assert len({*ports} - {0}) == len([port for port in ports if port]), ports
