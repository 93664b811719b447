"""What a tool says when it cannot answer, and which arguments it takes."""

import logging
from typing import Any, cast

import pytest
from mcp.server.mcpserver.exceptions import ToolError

from signal_engine.adapters.agents.tools import MAX_ARGUMENT_BYTES, server_of
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.store import StoreTrouble, StoreUnreachable
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from tests.agents.test_http import answers_of
from tests.http.market import Market, market


class Broken:
    """`Answers` that fail."""

    def __init__(self, error: SignalEngineError) -> None:
        self._error = error

    def __getattr__(self, name: str) -> Any:
        async def fails(*_: Any, **__: Any) -> None:
            raise self._error

        return fails


async def refused(answers: Any, tool: str, **arguments: Any) -> str:
    with pytest.raises(ToolError) as refusal:
        await server_of(cast("Any", answers), "1").call_tool(tool, arguments)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreUnreachable("Redis at secret-host:6379/0 cannot be reached"), "Redis is unreachable"),
        (StoreTrouble("Redis at secret-host:6379/0: NOPERM"), "Redis cannot be used; see the log"),
        (ConfigurationError(["/etc/secret-host/scoring.yaml: version 9"]), "cannot be read by this version"),
    ],
)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("list_accounts", {}),
        ("explain", {"account": "acme.com"}),
        ("compare", {"account": "acme.com", "other": "b.com"}),
        ("alerts", {}),
    ],
)
async def test_servers_and_paths_are_named_in_the_log_alone(
    error: SignalEngineError, said: str, tool: str, arguments: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        told = await refused(Broken(error), tool, **arguments)
    assert said in told
    assert "secret-host" not in told
    assert "secret-host" in caplog.text


async def test_lists_that_cannot_be_named_are_an_error_like_any_other() -> None:
    class Lost(Broken):
        async def served(self, name: str) -> None:
            return None

    assert "Redis is unreachable" in await refused(Lost(StoreUnreachable("secret-host")), "list_accounts", list="x")


async def test_an_engine_that_never_ran_is_said_wherever_the_server_was_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    answers = answers_of(Market())
    answers._settings = Settings(scoring="config/scoring.yaml")
    assert "nothing to explain yet" in await refused(answers, "explain", account="acme.com")


async def test_an_argument_that_a_tool_does_not_take_is_not_passed_over() -> None:
    """An agent that asks for `owner` would take everybody's accounts for one person's."""
    answers = answers_of(market())
    told = await refused(answers, "list_accounts", owner="Ann Roe")
    assert "list_accounts takes list, person, tier, level, segment, limit, and nothing else" in told
    assert "Unknown tool" in await refused(answers, "claim", account="acme.com")


async def test_arguments_have_at_most_64_kib_over_stdio_too() -> None:
    told = await refused(answers_of(market()), "explain", account="acme.com", more="\N{SNOWMAN}" * MAX_ARGUMENT_BYTES)
    assert "64 KiB" in told
