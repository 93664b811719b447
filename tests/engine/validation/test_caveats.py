"""What limits the figures is said."""

import numpy as np
import pytest

from signal_engine.engine.backtest.actions import TimedFit
from signal_engine.engine.validation.calls import Calls, weekly_calls
from signal_engine.engine.validation.caveats import CaveatFacts, caveats
from signal_engine.engine.validation.cutting import Cut, EventOfDeal
from signal_engine.engine.validation.known_then import KnownThen
from tests.build import DAY, T0
from tests.engine.validation.test_calls import deal, market


def said(panel=None, calls=None, deals=(), cut=None, **more):
    panel = market() if panel is None else panel
    none = Calls(np.array([], np.intp), np.array([], np.intp))
    fits = dict(zip(panel.accounts, panel.fits, strict=True))
    facts = {
        "known": KnownThen(fits, (), 0, 0),
        "without_cycle": (),
        "first_event": T0 - 365 * DAY,
        "end": T0 + 365 * DAY,
        "acted": False,
        "compared": (),
        **more,
    }
    cut = cut or Cut({}, 30 * DAY, T0)
    found = caveats(CaveatFacts(panel=panel, calls=calls or none, deals=deals, cut=cut, **facts))
    return {one["code"]: one["text"] for one in found}


ALWAYS = {"accounts_as_of_today", "correlation"}


def test_what_always_holds_is_always_said():
    assert said().keys() == ALWAYS


def test_deals_of_one_day_look_like_an_import():
    deals = [deal("a0.com", day + 0.3, "lost" if day == 50 else "won") for day in range(100)]
    assert said(deals=deals).keys() == ALWAYS
    imported = [*deals, *(deal("a1.com", 7.5) for _ in range(11))]
    assert "12 of 111 deals were opened on 2026-01-08" in said(deals=imported)["bulk_outcomes"]


def test_one_account_that_carries_the_result_is_named():
    panel = market(ranked=[[0, 1, 2, 3, 4]] * 4, cycle=7)
    panel.opened[:5, 0] = True
    assert "one_account" not in said(panel, weekly_calls(panel, 5))
    panel.opened[0] = True
    assert (
        "4 of 8 calls that a deal followed are of one account, a0.com"
        in (said(panel, weekly_calls(panel, 5))["one_account"])
    )


def test_a_kind_that_comes_with_the_deal_is_a_trace():
    cut = Cut({}, 30 * DAY, T0)
    cut.of_deals += [EventOfDeal("a0.com", "funding", day * DAY) for day in range(1, 30)]
    assert "leakage" not in said(cut=cut)
    cut.of_deals += [EventOfDeal("a0.com", "hiring", DAY) for _ in range(6)]
    cut.of_deals += [EventOfDeal("a0.com", "hiring", 9 * DAY) for _ in range(5)]
    assert "6 of 11 hiring signals before deals came in the last 3 days" in said(cut=cut)["leakage"]


def test_open_undated_early_and_unknown_deals_are_counted():
    still_open = deal("a0.com", 9)._replace(result="open", closed=None, dated=False)
    found = said(deals=[still_open, deal("stranger.com", 9)], first_event=T0, without_cycle=["x"])
    assert found["open_deals"].startswith("1 of 2 deals still open")
    assert found["undated_deals"].startswith("1 of 2 deals do not say when")
    assert found["censored_start"].startswith("2 deals began less than 90 days")
    assert found["not_in_accounts"].startswith("1 account with deals (1 won)")
    assert "ICP x names no cycle_days" in found["default_cycle"]


def test_outcomes_without_a_loss_are_said_to_be_such():
    won = [deal(f"a{number}.com", 9 + number) for number in range(10)]
    assert "no_losses" not in said(deals=[*won, deal("a0.com", 30, "lost")])
    assert "no_losses" not in said(deals=won[:9]), "a few may all be won"
    assert "no deal was lost" in said(deals=won)["no_losses"]


def test_what_loads_told_only_later_is_said():
    panel = market()
    a0 = panel.fits[0]
    known = KnownThen({"a0.com": a0}, (), 0, 0, 0, T0 + 7 * DAY, {}, {"a0.com": [TimedFit(T0 + 7 * DAY, "a0.com", a0)]})
    found = said(panel, deals=[deal("a0.com", 6)], known=known)
    assert found["not_in_accounts"].startswith(
        "1 account with deals (1 won) could not be listed: not among the accounts when"
    )
    assert "2 of 4 Mondays come before that" in found["accounts_as_of_today"]
    assert "accounts_as_of_today" not in said(panel, known=known._replace(began=T0 - DAY))


@pytest.mark.parametrize(("days", "says"), [(27, False), (29, True)])
def test_events_that_end_long_before_outcomes_are_said_to(days, says):
    cut = Cut({}, 30 * DAY, T0 + 365 * DAY)
    cut.last = T0 + 60 * DAY
    end = cut.last + days * DAY
    found = said(cut=cut, deals=[deal("a0.com", day, "lost") for day in (59, 61, 62)], end=end)
    text = found.get("censored_end", "")
    assert ("the last event arrived on 2026-03-02" in text) is says
    assert ("deals opened since (2) count as not seen coming" in text) is says


def test_cycles_that_are_not_over_are_left_out_and_counted():
    assert said(end=T0 + 21 * DAY)["censored_end"].startswith("2 Mondays at the end are left out")
