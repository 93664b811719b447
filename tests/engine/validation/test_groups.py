"""Calls by group, on markets that can be worked out by hand and on ones where the truth is that nothing differs."""

import numpy as np

from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.validation.calls import Calls, better_than_chance, weekly_calls
from signal_engine.engine.validation.grouping import groups as grouping
from signal_engine.engine.validation.mondays import Called
from tests.build import DAY, T0, fit
from tests.engine.validation.test_calls import deal, market


def claim(account, day):
    now = T0 + round(day * DAY)
    return TimedAction(now, 1, AccountAction(account, f"{account}-{now}", "claim", now, "a@ours.com", "cli"))


def by_claim(accounts, claims, deals, cycle=28):
    """One call of each account at day 0."""
    panel = market(accounts, ranked=[range(accounts), [], [], []], cycle=cycle)
    for one in deals:
        panel.opened[panel.number[one.account], 0] = 0 < one.cut - T0 <= cycle * DAY
    calls = weekly_calls(panel, accounts)
    found = grouping.by_claim(panel, calls, claims, {one.account: [one] for one in deals})
    return {one["group"]: (one["opened"]["hits"], one["opened"]["trials"]) for one in found}


def test_a_claim_made_because_of_the_deal_is_no_claim_before_it():
    deals = [deal(f"a{n}.com", 3 + n) for n in range(12)]
    claims = [claim(one.account, (one.cut - T0) / DAY + 1 / 24) for one in deals]
    # Deals on days 3 to 7 fall into the week in which it is seen who claims; none of the others was claimed in it.
    assert by_claim(30, claims, deals) == {"unclaimed": (7, 25)}


def test_claims_of_the_first_week_count_and_deals_after_it():
    deals = [deal("a0.com", 10), deal("a1.com", 5), deal("a2.com", 27), deal("a3.com", 29)]
    claims = [claim(f"a{n}.com", 2) for n in range(4)] + [claim("a4.com", -1), claim("a5.com", 8)]
    assert by_claim(8, claims, deals) == {"claimed": (2, 4), "unclaimed": (0, 3)}


def test_a_claim_before_the_call_counts_while_it_is_in_force():
    released = claim("a1.com", -1)
    released = released._replace(action=released.action._replace(action="release"))
    over = claim("a2.com", -20)
    over = over._replace(action=over.action._replace(until=T0 - 6 * DAY))
    claims = [claim("a0.com", -20), claim("a1.com", -20), released, over, claim("a3.com", 8)]
    assert by_claim(4, claims, []) == {"claimed": (0, 1), "unclaimed": (0, 3)}


def test_a_short_cycle_sees_claims_in_its_first_half():
    deals = [deal("a0.com", 3), deal("a1.com", 5)]
    assert by_claim(3, [claim("a1.com", 3.4), claim("a2.com", 3.6)], deals, cycle=7) == {
        "claimed": (1, 1),
        "unclaimed": (0, 1),
    }


def test_claims_that_do_nothing_change_no_rate():
    rng = np.random.default_rng(1)
    opened, claimed = rng.exponential(40, 4000), rng.exponential(10, 4000)
    deals = [deal(f"a{n}.com", day) for n, day in enumerate(opened)]
    claims = [claim(f"a{n}.com", day) for n, day in enumerate(claimed) if day < opened[n]]
    found = by_claim(4000, claims, deals)
    rates = {group: hits / trials for group, (hits, trials) in found.items()}
    truth = 1 - np.exp(-21 / 40)
    assert all(abs(one - truth) < 0.04 for one in rates.values()), rates


def test_alert_types_are_shrunk_to_all_alerts_and_few_are_not():
    panel = market(accounts=60)
    panel.opened[:10, 0] = True
    alerts = [
        *(Called(f"a{n}.com", T0 + DAY, "entered_hot") for n in range(20)),
        *(Called(f"a{n}.com", T0 + DAY, "new_evidence") for n in range(20, 50)),
        *(Called(f"a{n}.com", T0 + DAY, "trigger") for n in range(50, 55)),
    ]
    hot, evidence, trigger = sorted(grouping.by_alert(panel, alerts), key=lambda one: one["group"])
    assert hot["shrunk"]["value"] == round((10 + 20 * 10 / 55) / 40, 4)
    assert evidence["shrunk"]["value"] == round((0 + 20 * 10 / 55) / 50, 4)
    assert trigger["opened"]["trials"] == 5
    assert trigger["shrunk"] is None
    assert grouping.by_alert(panel, []) == []


def unequal(seed, calls_each):
    """120 accounts of unequal propensity, each called `calls_each` times; segments and lists by chance."""
    rng = np.random.default_rng(seed)
    panel = market(accounts=240, weeks=calls_each)
    panel.fits = [fit(account=name, segment=str(rng.choice(["north", "south"]))) for name in panel.accounts]
    panel.opened[:] = rng.random((240, calls_each)) < rng.beta(0.15, 1, 240)[:, None]
    rows = np.repeat(rng.choice(240, 120, replace=False), calls_each)
    return panel, Calls(rows, np.tile(np.arange(calls_each), 120))


def test_nothing_is_claimed_of_accounts_called_often_that_differ_by_themselves():
    false = 0
    for seed in range(40):
        panel, calls = unequal(seed, 4)
        groups = grouping.by_account(panel, calls, seed, 0.005)
        claimed = any(one["claimed"] for of in groups.values() for one in of)
        false += claimed or better_than_chance(panel, calls, seed) <= 0.005
    assert false <= 2


def test_a_segment_that_differs_is_claimed():
    panel, calls = unequal(1, 4)
    panel.opened &= False
    panel.opened[[one.segment == "north" for one in panel.fits]] = True
    segments = grouping.by_account(panel, calls, 1, 0.005)["segment"]
    assert {one["group"]: one["claimed"] for one in segments} == {"north": "above", "south": "below"}
    assert not any(one["claimed"] for one in grouping.by_account(panel, calls, 1, 0.0)["segment"])
