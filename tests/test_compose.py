"""docker-compose.yml and Dockerfile, read against the settings. (There is no Docker where the tests run.)"""

import os
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
from ruamel.yaml import YAML

from signal_engine.adapters.http.api.operations import OPERATIONS as API_OPERATIONS
from signal_engine.adapters.http.edge.probes import PROBE_PATHS
from signal_engine.adapters.http.ingest.operations import OPERATIONS as INGEST_OPERATIONS
from signal_engine.entrypoints.cli import main
from signal_engine.entrypoints.commands.api import access_policy_of
from signal_engine.entrypoints.commands.intake.ingest import ingest_policy_of
from signal_engine.entrypoints.wiring.delivery.delivery_settings import DeliverySettings
from signal_engine.entrypoints.wiring.settings import FIELDS, SECRETS, read_settings
from signal_engine.entrypoints.wiring.settings_sources import unknown

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VOLUMES = {*COMPOSE["volumes"]}
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
SERVING = ("api", "ingest", "notify", "digest", "sync", "mcp")
SERVED = dict.fromkeys(SERVING, PROBE_PATHS) | {
    "api": tuple(row.path for row in API_OPERATIONS),
    "ingest": tuple(row.path for row in INGEST_OPERATIONS),
}
KEYS = {
    "build", "image", "user", "command", "environment", "volumes", "ports", "profiles", "restart", "stop_grace_period",
    "depends_on", "healthcheck", "read_only", "tmpfs", "cap_drop", "security_opt",
}  # fmt: skip
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PINNED = re.compile(r"[a-z/-]+:\d+\.\d+\.\d+[a-z-]*")


def environment(service: dict[str, Any]) -> dict[str, str]:
    """Its variables as they are when nobody sets those it passes on."""
    return {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in service["environment"].items()}


def parsed(words: list[str]) -> list[str]:
    """The names of the commands that a command line runs. Raises `click.UsageError` where the CLI refuses it."""
    command: click.Command = main
    names: list[str] = []
    rest = words
    while isinstance(command, click.Group) and rest:
        name, found, rest = command.resolve_command(click.Context(command), list(rest))
        assert name is not None
        assert found is not None
        names, command = [*names, name], found
    command.make_context(names[-1] if names else "", list(rest), resilient_parsing=False)
    return names


def test_every_command_line_is_one_that_the_program_takes() -> None:
    assert {name: parsed(service["command"]) for name, service in OURS.items()} == {
        "topics": ["topics", "create"],
        "worker": ["worker"],
        "api": ["api"],
        "ingest": ["ingest"],
        "notify": ["notify"],
        "digest": ["digest"],
        "mcp": ["mcp"],
        "sync": ["sync"],
    }
    assert OURS["digest"]["command"] == ["digest", "--follow"]
    assert OURS["mcp"]["command"] == ["mcp", "--http"]


@pytest.mark.parametrize("words", [["digest", "--folow"], ["sync", "--http"], ["worker", "now"], ["nothing"]])
def test_a_command_line_that_the_program_refuses_is_noticed(words: list[str]) -> None:
    with pytest.raises(click.UsageError):
        parsed(words)


def test_commands_in_comments_are_ones_that_the_program_takes() -> None:
    lines = re.findall(r"docker compose run --rm worker ([^`\n]*)", (ROOT / "docker-compose.yml").read_text())
    assert [line.split()[0] for line in lines] == ["fit", "top"]
    for line in lines:
        parsed(shlex.split(line.replace("YOUR_ICP", "icp/midmarket-saas").rstrip(".")))


@pytest.mark.parametrize("name", OURS)
def test_its_variables_are_settings_that_are_accepted(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for variable in [variable for variable in os.environ if variable.startswith("SIGNAL_ENGINE_")]:
        monkeypatch.delenv(variable)
    monkeypatch.chdir(tmp_path)
    for variable, value in environment(OURS[name]).items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()
    assert list(unknown(FIELDS, SECRETS)) == []
    assert name == "api" or (
        f"INSIDE://{settings.kafka_bootstrap_servers},"
        in SERVICES["kafka"]["environment"]["KAFKA_ADVERTISED_LISTENERS"]
    )
    assert settings.redis_url.get_secret_value() == "redis://valkey:6379/0"


def test_our_image_has_the_scoring_file_where_the_settings_look_for_it() -> None:
    assert "COPY config /engine/config\nWORKDIR /engine" in DOCKERFILE
    assert all("./config:/engine/config:ro" in service["volumes"] for service in OURS.values())
    assert (ROOT / "config" / "scoring.yaml").is_file()


def test_our_image_has_the_native_part() -> None:
    native, build, image = re.split("^FROM ", DOCKERFILE, flags=re.MULTILINE)[1:]
    assert "COPY native native\n" in native
    assert "!native\n" in (ROOT / ".dockerignore").read_text()
    assert "--out /wheels" in native
    assert build.index("COPY --from=native /wheels /wheels") < build.index(
        "pip install --no-cache-dir --quiet --no-deps /wheels"
    )
    assert "COPY --from=build /app /app\n" in image


def test_images_are_pinned() -> None:
    images = [service["image"] for service in SERVICES.values()] + re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert [image for image in images if not PINNED.fullmatch(image)] == []


def test_ports_are_open_on_this_machine_only() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_the_api_is_reached_from_this_machine_alone_and_by_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment(OURS["api"]).items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()
    assert OURS["api"]["ports"] == [f"127.0.0.1:{settings.api_port}:{settings.api_port}"]
    assert f":{settings.api_port}/livez" in OURS["api"]["healthcheck"]["test"][-1]
    access_policy = access_policy_of(settings)
    assert (bool(access_policy.tokens), access_policy.hosts) == (False, {b"localhost", b"127.0.0.1"})


def test_the_door_for_events_is_reached_from_this_machine_alone_and_by_its_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for variable, value in environment(OURS["ingest"]).items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()
    assert OURS["ingest"]["ports"] == [f"127.0.0.1:{settings.ingest_port}:{settings.ingest_port}"]
    assert f":{settings.ingest_port}/livez" in OURS["ingest"]["healthcheck"]["test"][-1]
    assert ingest_policy_of(settings).hosts == {b"localhost", b"127.0.0.1"}


@pytest.mark.parametrize("name", SERVING)
def test_each_process_that_serves_is_asked_at_a_path_that_is_served(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment(OURS[name]).items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()
    check = OURS[name]["healthcheck"]
    *python, code = check["test"]
    assert python == ["CMD", "/app/bin/python", "-c"]
    compile(code, "healthcheck", "exec")
    found = re.search(r"urlopen\('http://127\.0\.0\.1:(\d+)(/\w+)', timeout=(\d+)\)", code)
    assert found is not None
    assert (int(found[1]), found[2]) == (getattr(settings, f"{name}_port"), "/livez")
    assert found[2] in SERVED[name]
    assert int(found[3]) < int(check["timeout"].removesuffix("s")), "it answers before it is given up"
    assert "/app/bin/python" in DOCKERFILE or "COPY --from=build /app /app" in DOCKERFILE


def test_whoever_serves_is_checked_and_whoever_does_not_is_not() -> None:
    assert {name for name, service in OURS.items() if "healthcheck" in service} == {*SERVING}
    assert {*OURS} - {*SERVING} == {"topics", "worker"}, "one ends by itself, the other opens no port"


@pytest.mark.parametrize("name", ["notify", "digest"])
def test_whoever_delivers_is_asked_for_and_reached_by_nobody(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment(OURS[name]).items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()
    assert OURS[name]["profiles"] == ["delivery"], "it needs routes and secrets of one's own"
    assert (getattr(settings, f"{name}_host"), OURS[name].get("ports")) == ("127.0.0.1", None)


@pytest.mark.parametrize(
    ("name", "without"),
    [("notify", "-"), ("digest", "-"), ("api", "smtp_"), ("sync", "smtp_|slack_|link_keys")],
)
def test_whoever_delivers_is_given_all_settings_of_delivery_that_it_uses(name: str, without: str) -> None:
    """One that is left out has its default in the container, whatever the environment says."""
    used = [field for field in DeliverySettings.model_fields if not re.match(without, field)]
    assert {f"SIGNAL_ENGINE_{field.upper()}" for field in used} <= SERVICES[name]["environment"].keys()


def test_agents_reach_their_door_from_this_machine_alone_and_by_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable, value in environment(OURS["mcp"]).items():
        monkeypatch.setenv(variable, value)
    settings = read_settings()
    assert OURS["mcp"]["ports"] == [f"127.0.0.1:{settings.mcp_port}:{settings.mcp_port}"]
    assert settings.api_hosts.split(",") == ["localhost", "127.0.0.1"]
    assert re.search(r"^mcp==", (ROOT / "requirements-run.lock").read_text(), re.MULTILINE), "the image needs the extra"


def test_only_what_compose_knows_is_said_of_a_service() -> None:
    """It refuses a misspelt key, and there is no Docker where the tests run."""
    assert {key for service in SERVICES.values() for key in service} <= KEYS
    assert {key for service in SERVICES.values() for key in service.get("healthcheck", {})} <= {
        "test", "interval", "timeout", "retries", "start_period",
    }  # fmt: skip
    waited = {(name, how["condition"]) for one in SERVICES.values() for name, how in one.get("depends_on", {}).items()}
    for name, condition in waited:
        assert ("healthcheck" in SERVICES[name]) if condition == "service_healthy" else "restart" not in SERVICES[name]
    named = {volume.split(":")[0] for one in SERVICES.values() for volume in one.get("volumes", [])}
    assert {volume for volume in named if not volume.startswith(".")} == VOLUMES


def test_nothing_runs_as_root() -> None:
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert [name for name, service in SERVICES.items() if "build" not in service and not service.get("user")] == []


def test_everything_waits_for_what_it_needs() -> None:
    healthy, done = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}
    assert OURS["topics"]["depends_on"] == {"kafka": healthy}
    assert OURS["api"]["depends_on"] == {"valkey": healthy}, "it serves lists while Kafka is away"
    assert OURS["worker"]["depends_on"] == {"kafka": healthy, "valkey": healthy, "topics": done}
    assert OURS["ingest"]["depends_on"] == {"kafka": healthy, "topics": done}, "it writes Kafka only"
    assert OURS["notify"]["depends_on"] == OURS["worker"]["depends_on"] == OURS["digest"]["depends_on"]
    assert OURS["mcp"]["depends_on"] == {"valkey": healthy}, "it reads Redis only"
    assert OURS["sync"]["depends_on"] == OURS["worker"]["depends_on"], "`read` loads accounts and writes outcomes"
    assert all("healthcheck" in SERVICES[name] for name in ("kafka", "valkey"))


def test_a_worker_may_finish_what_it_has_in_hand_and_is_started_again() -> None:
    assert OURS["worker"]["stop_grace_period"] == "15s"
    assert OURS["worker"]["restart"] == "unless-stopped"
    assert "restart" not in OURS["topics"], "a one-shot"


def test_valkey_writes_to_disk_once_a_second_and_never_evicts() -> None:
    command = " ".join(SERVICES["valkey"]["command"])
    assert "--appendonly yes --appendfsync everysec" in command
    assert "--maxmemory-policy noeviction" in command
    assert SERVICES["valkey"]["volumes"] == ["valkey:/data"]


def test_what_the_image_is_made_of_reaches_the_build() -> None:
    """`.dockerignore` keeps everything out but what it names."""
    let_in = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    copied = {
        name for line in re.findall(r"^COPY ((?!--from).*) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()
    }
    assert copied <= let_in
    assert "LICENSE" in copied, "it goes with every copy"
    assert all((ROOT / name).exists() for name in copied)
