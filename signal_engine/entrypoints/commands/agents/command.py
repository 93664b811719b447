"""`signal-engine mcp`: the tools that agents call, over stdio or HTTP."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import click

from signal_engine import __version__
from signal_engine.adapters.http.agents.access import MCP_PATH, AgentControl
from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.probes import Remembered
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import Tokens
from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.logging.event_log import listen_to_libraries
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.engine.ports.log_events.processes import McpStarted, McpStopped, ShutdownForced
from signal_engine.entrypoints.commands.accounts.sources import Files, files_given
from signal_engine.entrypoints.commands.agents.live import LiveAnswers
from signal_engine.entrypoints.commands.agents.over_files import FileAnswers
from signal_engine.entrypoints.commands.agents.ready import readiness_of
from signal_engine.entrypoints.commands.extras import require_extra
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.api_access import accepted_hosts, is_loopback
from signal_engine.entrypoints.wiring.connections import event_log, run_live
from signal_engine.entrypoints.wiring.inputs import read_inputs, served_plays, served_routes
from signal_engine.entrypoints.wiring.options import EVENT_FILE, failing_clearly, judging, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.entrypoints.wiring.settings_sources import variable

if TYPE_CHECKING:
    from signal_engine.adapters.agents.tools import Answers


@click.command()
@click.option("--http", "over_http", is_flag=True, help="Serve HTTP (SIGNAL_ENGINE_MCP_...) instead of stdio.")
@click.option("--events", multiple=True, type=EVENT_FILE, metavar="FILE", help="Answer from these event files.")
@judging(required=False)
@click.pass_context
def mcp(
    context: click.Context,
    over_http: bool,  # noqa: FBT001 (click passes it by name)
    events: tuple[str, ...],
    accounts: str | None,
    accounts_as: str | None,
    icps: tuple[str, ...],
    scoring: str | None,
    until: int | None,
) -> None:
    """Let agents ask who is in-market, and why or why not (MCP).

    A server of the Model Context Protocol with four tools that only read, over stdio, or with --http at /v1/mcp.
    Without --events it answers from the live engine; with it, from these files (--accounts and --icp are then
    required). Over HTTP it listens on this machine only, unless SIGNAL_ENGINE_MCP_HOST names another address; the
    tokens of the API are then required.
    """
    require_extra("mcp", "mcp")
    files = files_given(context, events, accounts, icps, scoring, accounts_as, until)
    if "-" in events and not over_http:
        raise click.UsageError("--events -: standard input belongs to the protocol; name a file, or use --http")
    with failing_clearly():
        settings, routes = read_settings(), served_routes()
    team = NO_TEAM if routes is None else routes.routing.team
    if over_http and not settings.api_tokens.get_secret_value() and not settings.api_open:
        _refuse_strangers(settings.mcp_host)
    with _answers(settings, files) as answers:
        run_live(_serve_http(settings, answers, team) if over_http else _serve_stdio(answers, team))


@contextmanager
def _answers(settings: Settings, files: Files | None) -> Iterator["Answers"]:
    with failing_clearly():
        plays = served_plays()
        if files is None:
            yield LiveAnswers(settings, plays)
            return
        warnings = Warnings()
        inputs = read_inputs(files.scoring, files.icps, files.accounts, warnings, files.accounts_as)
        warnings.close()
        with ReplayRun(inputs, files.events, files.until) as run:
            with progress.reading(files.events, "Replaying") as on_read:
                output = run.run(on_read)
            yield FileAnswers(run, output, plays)


async def _serve_stdio(answers: "Answers", team: Team) -> None:
    from signal_engine.adapters.agents.tools import server_of  # noqa: PLC0415 (needs the extra)

    # The SDK would wait for a line, which a terminal may never send. There is nothing to tidy up.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    await server_of(answers, __version__, team).run_stdio_async()


async def _serve_http(settings: Settings, answers: "Answers", team: Team) -> None:
    from signal_engine.adapters.agents.serving import http_app  # noqa: PLC0415 (needs the extra)
    from signal_engine.adapters.agents.tools import server_of  # noqa: PLC0415

    said = event_log(settings)
    listen_to_libraries(said)
    deadline = Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S)))
    access_policy = _access_policy(settings)
    with listen(settings.mcp_host, settings.mcp_port) as listening:
        url = url_of(listening).removesuffix("/") + MCP_PATH
        said.write(McpStarted(url=url, tokens_required=bool(access_policy.tokens)))
        readiness = Remembered(partial(readiness_of, answers), time.monotonic)
        app = AgentControl(http_app(server_of(answers, __version__, team), MCP_PATH), access_policy, readiness)
        await Server(app, deadline=deadline).serve([listening])
    said.write(McpStopped())


def _access_policy(settings: Settings) -> AccessPolicy:
    """As for the API: whoever may read there may ask here."""
    return AccessPolicy(
        tokens=Tokens.parse(settings.api_tokens.get_secret_value()),
        hosts=accepted_hosts(settings.mcp_host, settings.api_hosts),
        origins=frozenset(origin.strip().encode() for origin in settings.api_origins.split(",") if origin.strip()),
        rate=RateLimit(settings.api_rate, time.monotonic),
        refusals=RateLimit(settings.api_rate, time.monotonic),
    )


def _refuse_strangers(host: str) -> None:
    if is_loopback(host):
        return
    problem = (
        f"{variable('mcp_host')}: {host} is reachable from other machines, and no tokens are set: set "
        f"{variable('api_tokens')} (`signal-engine api --new-token read` creates one), or {variable('api_open')}=true "
        "if a proxy in front controls access"
    )
    refuse((problem,))
