"""docker-compose.yml and Dockerfile, read against the settings. (There is no Docker where the tests run.)"""

import os
import re
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from signal_engine.entrypoints.cli import main
from signal_engine.entrypoints.commands.api import access_policy_of
from signal_engine.entrypoints.commands.intake.ingest import ingest_policy_of
from signal_engine.entrypoints.wiring.settings import FIELDS, SECRETS, read_settings
from signal_engine.entrypoints.wiring.settings_sources import unknown

ROOT = Path(__file__).parents[1]
SERVICES: dict[str, dict[str, Any]] = YAML(typ="safe").load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
PINNED = re.compile(r"[a-z/-]+:\d+\.\d+\.\d+[a-z-]*")


def environment(service: dict[str, Any]) -> dict[str, str]:
    """Its variables as they are when nobody sets those it passes on."""
    return {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", value) for name, value in service["environment"].items()}


def test_every_command_of_ours_exists() -> None:
    commands = {name: service["command"] for name, service in OURS.items()}
    assert commands == {"topics": ["topics", "create"], "worker": ["worker"], "api": ["api"], "ingest": ["ingest"]}
    assert "create" in main.commands["topics"].commands  # type: ignore[attr-defined]
    assert {"worker", "api", "ingest"} <= main.commands.keys()


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


def test_nothing_runs_as_root() -> None:
    assert re.search(r"^USER [1-9]\d*$", DOCKERFILE, re.MULTILINE)
    assert [name for name, service in SERVICES.items() if "build" not in service and not service.get("user")] == []


def test_everything_waits_for_what_it_needs() -> None:
    healthy, done = {"condition": "service_healthy"}, {"condition": "service_completed_successfully"}
    assert OURS["topics"]["depends_on"] == {"kafka": healthy}
    assert OURS["api"]["depends_on"] == {"valkey": healthy}, "it serves lists while Kafka is away"
    assert OURS["worker"]["depends_on"] == {"kafka": healthy, "valkey": healthy, "topics": done}
    assert OURS["ingest"]["depends_on"] == {"kafka": healthy, "topics": done}, "it writes Kafka only"
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
