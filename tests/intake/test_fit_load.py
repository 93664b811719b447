"""`fit load --as`: another tool's export, put in force on servers."""

import json

import pytest

from tests.intake.running import EXPORTS, invoke

ICP = ("--icp", "config/icp/midmarket-saas.yaml")


@pytest.fixture
def _servers(monkeypatch, kafka, redis_url, prefix):
    settings = {"KAFKA_BOOTSTRAP_SERVERS": kafka.address, "REDIS_URL": redis_url, "PREFIX": prefix, "PARTITIONS": "3"}
    for name, value in settings.items():
        monkeypatch.setenv(f"SIGNAL_ENGINE_{name}", value)


@pytest.mark.usefixtures("_servers")
def test_an_export_is_put_in_force_as_it_came():
    assert invoke("topics", "create").exit_code == 0
    loaded = invoke("fit", "load", EXPORTS / "hubspot-companies.csv", "--as", "hubspot-companies", *ICP, "--json")
    assert loaded.exit_code == 0, loaded.stderr
    assert json.loads(loaded.stdout)["accounts"] == 3
    assert "hubspot-companies.csv:4: account_id is missing" in loaded.stderr
    shown = json.loads(invoke("fit", "show", "brindlefax.com", "--json").stdout)
    assert (shown["known"], shown["relation"]) == (True, "customer")
    assert shown["fit"][0]["decision"] != "unknown"
