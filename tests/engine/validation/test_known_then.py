"""Fields that outcomes wrote are read as missing."""

import pytest

from signal_engine.engine.validation.known_then import (
    WonAreDisqualified,
    known_then,
    refuse_disqualified,
    told_by_outcomes,
    without_owners,
)
from signal_engine.wire.config.icp_file import parse
from tests.engine.reports.market import table

ICP, _ = parse(
    "icp.yaml",
    b"""
icp: test
version: 1
owner: {name: Dana Reyes, email: dana@example.com}
review_by: 2099-01-01
disqualify:
  - {when: {lifecycle_stage: {eq: customer}}, reason: buys from us already}
  - {when: {status_today: {eq: closed}}, reason: closed}
base: 50
tiers: {B: 50}
decisions: {B: chase}
""",
)


def market(*rows):
    found = table([ICP], *rows)
    return found.fits, found.fields


def test_an_outcome_field_is_missing_in_all_accounts_alike():
    fits, fields = market({"lifecycle_stage": "customer"}, {"lifecycle_stage": "customer"}, {})
    assert [fit.primary.decision for fit in fits.values()] == ["ignore", "ignore", "chase"]
    known = known_then(fits, fields, [ICP], {"a0.com"})
    assert [fit.primary.decision for fit in known.fits.values()] == ["chase"] * 3
    assert known.fields == ("lifecycle_stage",)
    assert known.accounts_with_fields == 2


def test_the_relation_is_prospect_only_where_there_is_a_deal():
    fits, fields = market({"relation": "customer"}, {"relation": "customer"}, {"relation": "competitor"})
    known = known_then(fits, fields, [ICP], {"a0.com", "a2.com"})
    assert [fit.relation for fit in known.fits.values()] == ["prospect", "customer", "competitor"]
    assert known.accounts_with_relation == 1


def test_a_disqualifier_that_excludes_the_won_is_refused_by_name_until_its_field_is_named():
    rows = [{"status_today": "closed"}, {"status_today": "closed"}, *({} for _ in range(6))]
    fits, fields = market(*rows)
    won = set(fits)
    with pytest.raises(WonAreDisqualified, match=r"exclude 2 of 8 won accounts, most often 'closed' \(2\)"):
        refuse_disqualified(known_then(fits, fields, [ICP], won), fields, [ICP], won)
    known = known_then(fits, fields, [ICP], won, ["Status Today"])
    refuse_disqualified(known, fields, [ICP], won)
    assert known.fields == ("status_today",)


def test_few_won_refuse_nothing():
    fits, fields = market({"status_today": "closed"}, {}, {}, {})
    refuse_disqualified(known_then(fits, fields, [ICP], set(fits)), fields, [ICP], set(fits))


@pytest.mark.parametrize(
    "name",
    [
        "Customer", "Became a Customer Date", "Number of Associated Deals", "First Deal Created Date",
        "hs_is_closed_won", "hs_num_open_deals", "Days to Close", "Total Revenue", "Close Date", "Lifecycle Stage",
        "hs_lead_status", "hs_v2_date_entered_customer", "Became an Opportunity Date", "HasOpportunity",
        "Recent Deal Amount", "numAssociatedDeals", "Customer Since", "owner", "Account Owner", "deal_stage",
    ],
)  # fmt: skip
def test_outcomes_write_these_columns_of_crms(name):
    assert told_by_outcomes(name)


@pytest.mark.parametrize(
    "name",
    [
        "Annual Revenue", "Number of Customers", "customer_segment", "Dealer Network", "is_dealer", "Headquarters",
        "ownership", "Industry", "ideal_plan", "Close to Port", "hs_country", "sdr_tools",
    ],
)  # fmt: skip
def test_what_describes_a_company_is_no_outcome(name):
    assert not told_by_outcomes(name)


def test_owners_are_missing_in_all_accounts_alike_because_a_deal_hands_an_account_on():
    fits, fields = market({"owner": "csm@o.com", "sdr": "s@o.com"}, {"owner": "rep@o.com"}, {})
    blind = without_owners(known_then(fits, fields, [ICP], {"a0.com"}))
    assert {(fit.owner, fit.sdr) for fit in blind.fits.values()} == {(None, None)}
    assert blind.accounts_with_owner == 2
