"""The page of a report shows what the terminal prints and the API answers."""

import html
import io
import json
import re
from typing import Any, get_args

import pytest
from rich.console import Console

from signal_engine.adapters.terminal.reports.misses import show_report
from signal_engine.core.score.wording import one_line
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.reports.report_documents import DataCheck
from signal_engine.wire.output.reports.report_shown import COLUMNS, shown, summary
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from tests.build import DAY
from tests.http.asking import ask
from tests.http.market import Market, market

MISFITS = ("ignore", "chase")
pytestmark = pytest.mark.xdist_group("http")


@pytest.fixture(scope="module")
def lively() -> Market:
    return market(90)


async def polled(one: Market) -> Any:
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    return one.app(store_snapshot=store_snapshot)


@pytest.mark.parametrize("name", REPORT_NAMES)
async def test_page_terminal_and_api_show_the_same(name: Any, lively: Market) -> None:
    app = await polled(lively)
    report = json.loads((await ask(app, f"/v1/reports/{name}")).body)
    page = html.unescape((await ask(app, f"/reports/{name}")).body.decode())
    screen = io.StringIO()
    show_report(Console(file=screen, width=2_000), report, 200)
    terminal = " ".join(screen.getvalue().split())
    for line in summary(report, 6):
        assert one_line(line, 2_000) in page
        assert one_line(line, 2_000) in terminal
    for lack in report["lacks"]:
        assert lack in page
        assert lack in terminal
    for row in report["rows"]:
        for column in COLUMNS[name]:
            text = one_line(shown(column.field, row))
            assert text in page
            assert text in terminal
    assert page.count("<tr>") == len(report["rows"]) + bool(report["rows"])
    assert f"{report['total']:,} row" in terminal


async def test_rows_lead_to_accounts_and_empty_reports_say_what_that_means(lively: Market) -> None:
    app = await polled(lively)
    page = (await ask(app, "/reports/inbound")).body.decode()
    assert 'href="/accounts/foxgrave-networks.com">Foxgrave Networks</a>' in page
    assert 'href="/v1/reports/inbound.csv"' in page
    assert page.count(">not yet<") == len(re.findall(r"<tr><td", page))
    empty = (await ask(app, "/reports/decisions")).body.decode()
    assert "No proposal is open, and no kill is due for review." in empty
    assert ".csv" not in empty


async def test_every_check_has_words_and_columns_without_a_value_are_left_out(lively: Market) -> None:
    for check in get_args(DataCheck):
        words = shown("check", {"check": check})
        assert words[0].isupper()
        assert "_" not in words
    page = (await ask(await polled(lively), "/reports/data-quality")).body.decode()
    assert ">Events of this type about nothing that the scoring file lists under sells<" in page
    assert ">Last seen<" not in page, "of no source"


async def test_what_is_not_set_up_is_not_ticked_off(lively: Market) -> None:
    page = (await ask(await polled(lively), "/reports/wiring")).body.decode()
    assert "<h2>Not set up</h2>" in page
    assert page.count("`icp publish` makes them published") == 1
    assert "M5 12.5l4.5" not in page, "no check mark"
    assert "<h2>Nothing to report</h2>" in (await ask(await polled(lively), "/reports/decisions")).body.decode()


async def test_codes_are_words_on_the_page(lively: Market) -> None:
    page = (await ask(await polled(lively), "/reports/inbound")).body.decode()
    assert ">Decision<" in page
    assert ">fits: call it<" in page
    for code in ("chase", "hand_raise", "hand raise recent", "not fit"):
        assert f">{code}<" not in page


async def test_the_index_leads_to_every_report(lively: Market) -> None:
    index = (await ask(await polled(lively), "/reports")).body.decode()
    for name in REPORT_NAMES:
        assert f'href="/reports/{name}"' in index


async def test_foreign_text_is_escaped() -> None:
    one = market(0)
    hostile = "<script>alert(1)</script>"
    await one.signal("stranger.com", activity="demo_request", page=hostile, persona=hostile)
    page = (await ask(await polled(one), "/reports/inbound")).body.decode()
    assert "stranger.com" in page
    assert hostile not in page


async def test_a_misfit_in_the_pipeline_is_on_its_page_with_what_speaks_against_it(lively: Market) -> None:
    one = Market()
    await one.begin_with(lively.kept())
    (misfit, fit) = (next(fit for fit in one.inputs.fits.values() if fit.primary.decision == said) for said in MISFITS)
    for who in (misfit, fit):
        opened = AccountOutcome(who.account, "o-1", "opened", one.now - 9 * DAY, "<i>D-1</i>", amount_usd=12_500.0)
        await one.came_of(who.account, opened)
    app = await polled(one)
    page = (await ask(app, "/reports/pipeline-misfits")).body.decode()
    assert "1 of 2 open opportunities, $12,500" in page
    assert "&lt;i&gt;D-1&lt;/i&gt;" in page
    assert f'href="/accounts/{misfit.account}"' in page
    assert f'href="/accounts/{fit.account}"' not in page
    (row,) = json.loads((await ask(app, "/v1/reports/pipeline-misfits")).body)["rows"]
    assert (row["amount_usd"], row["age_days"], row["misfit"]) == (12_500.0, 9, "not_fit")
    table = (await ask(app, "/v1/reports/pipeline-misfits.csv")).body.decode()
    assert misfit.account in table
