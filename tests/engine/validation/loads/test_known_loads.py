"""Before the first load nothing is read that outcomes may have written by then; later, rows are what was known."""

from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.loads.known_loads import LoadsKnown, known_by_loads
from signal_engine.engine.validation.loads.past_loads import account_history, past_loads
from tests.build import DAY, T0, icp, policy
from tests.engine.validation.loads.loading import load, row

EVERYONE = icp(
    disqualify=(({"lifecycle_stage": {"eq": "customer"}}, "buys from us already"),),
    base=50,
    tiers={"A": 0},
    decisions={"A": "chase"},
)


def deal(account, day):
    return Deal(account, T0 + day * DAY, True, None, "won", None, None, 0, True)


def known(records, *deals):
    history = account_history(past_loads(records).loads, [EVERYONE], T0 + 300 * DAY)
    by_account = {one.account: [one] for one in deals}
    return known_by_loads(history, LoadsKnown([EVERYONE], policy(), ()), by_account)


def test_a_customer_of_the_first_load_was_a_prospect_before_its_deal_and_is_none_since_the_load():
    records = load(T0, row("a.com", {"lifecycle_stage": "customer"}, relation="customer", owner="kim@ours.com"))
    found = known(records, deal("a.com", -30))
    before, since = found.at("a.com", T0), found.at("a.com", T0 + 1)
    assert (before.relation, before.owner, before.primary.decision) == ("prospect", None, "chase")
    assert (since.relation, since.owner, since.primary.decision) == ("customer", "kim@ours.com", "ignore")
    assert found.fits["a.com"] == before, "figures by group are of the row by which it could be listed"
    assert (found.fields, found.accounts_with_relation, found.accounts_with_owner) == (("lifecycle_stage",), 1, 1)


def test_a_customer_without_a_deal_before_the_load_was_one_already():
    found = known(load(T0, row("a.com", relation="customer")), deal("a.com", 30))
    assert found.at("a.com", T0 - DAY).relation == "customer"


def test_an_account_of_a_later_load_was_unknown_before_it_and_one_that_left_is_unknown_since():
    found = known([*load(T0, row("a.com")), *load(T0 + 9 * DAY, row("b.com"), "a.com")])
    assert found.at("b.com", T0 + 9 * DAY) is None
    assert found.at("b.com", T0 + 9 * DAY + 1) is not None
    assert found.at("a.com", T0 + 9 * DAY) is not None
    assert found.at("a.com", T0 + 9 * DAY + 1) is None
    assert found.fits.keys() == {"a.com", "b.com"}
