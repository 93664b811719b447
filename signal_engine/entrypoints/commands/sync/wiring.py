"""`signal-engine wiring`: which systems downstream each published ICP has changed, and people's word for it."""

import sys
from collections.abc import Sequence

import click

from signal_engine.adapters.terminal.reports.misses import show_report
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.sync.wiring import DOWNSTREAMS, Downstream
from signal_engine.engine.ports.rules_topic import RuleRecord, ToPublish
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.publishing import confirm_wiring, to_publish
from signal_engine.entrypoints.commands.publishing.asking import signed_by
from signal_engine.entrypoints.commands.reports.live_report import live_report
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.rules.published import rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.rules import WiringConfirmation
from signal_engine.wire.output.reports.report_csv import report_cells
from signal_engine.wire.output.reports.report_documents import ROW_FIELDS
from signal_engine.wire.output.tables.csv_table import csv_text
from signal_engine.wire.rules.record import Signed, WiringConfirmed


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the rows as CSV, safe for spreadsheets.")
@click.pass_context
def wiring(context: click.Context, as_json: bool, as_csv: bool) -> None:  # noqa: FBT001 (click passes them by name)
    """Show which downstream systems each published ICP has changed.

    Green: five of the seven changed within 60 days of its publication. Amber: not yet, and there is time. Red: not five
    in time. `sync` sees CRM fields and paid audiences; a person confirms the others, with `wiring confirm`.
    """
    if context.invoked_subcommand is not None:
        if as_json or as_csv:
            raise click.UsageError("--json and --csv of the report come without a command")
        return
    if as_json and as_csv:
        raise click.UsageError("use either --json or --csv, not both")
    built = live_report("wiring")
    if as_json:
        print_json(built)
    elif as_csv:
        sys.stdout.buffer.write(csv_text(ROW_FIELDS["wiring"], report_cells(built)).encode())
    else:
        show_report(stdout(), built, len(built["rows"]))


@wiring.command()
@click.argument("system", type=click.Choice(DOWNSTREAMS), metavar="SYSTEM")
@click.option("--by", required=True, metavar="EMAIL", help="Who confirms: your e-mail address.")
@click.option("--note", required=True, help="What changed in it, 1 to 500 characters. It is kept: no personal data.")
@click.option("--icp", help="By which ICP.  [default: the one in force; needed if there are several]")
@click.option("--json", "as_json", is_flag=True, help="Print what was confirmed as one JSON document.")
def confirm(system: Downstream, by: str, note: str, icp: str | None, as_json: bool) -> None:  # noqa: FBT001 (as above)
    """Confirm that the ICP in force has changed SYSTEM.

    Once per version; it counts from now.

    SYSTEM: crm_fields, crm_routing, paid_audience, cadence_list, content_plan, enablement_plays or win_loss_targets.
    """
    with failing_clearly():
        settings = read_settings()
    confirmed = run_live(_confirmed(settings, system, icp, signed_by(by, note, option="--note")))
    told: WiringConfirmation = {
        "icp": confirmed.icp,
        "version": confirmed.version,
        "system": confirmed.system,
        "by": confirmed.by,
        "note": confirmed.note,
        "at": format_instant(confirmed.at),
    }
    if as_json:
        print_json(told)
    else:
        click.echo(f"{told['system']} is confirmed for {told['icp']} version {told['version']}")


async def _confirmed(settings: Settings, system: Downstream, icp: str | None, said: Signed) -> WiringConfirmed:
    """What was written. Raises `RuleRefused`, `NoConnection`."""
    planned: list[WiringConfirmed] = []

    def decide(there: Sequence[RuleRecord]) -> Sequence[ToPublish]:
        planned[:] = [confirm_wiring(RulesLog.of(there), system, icp, said)]
        return to_publish(planned)

    await rules_topic(settings).publish(decide)
    return planned[0]
