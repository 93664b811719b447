"""What may be said of field values: planted truths are found, chance is not, and what cannot be told is said."""

import pytest

from signal_engine.core.fit.icp import decide
from signal_engine.engine.validation.patterns.draft import DraftOf
from signal_engine.engine.validation.patterns.fields import fields_of
from signal_engine.engine.validation.patterns.report import patterns
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.power import trials_needed
from signal_engine.simulation.planted.buyers import PlantedBuyers
from signal_engine.wire.config import icp_file
from tests.engine.validation.patterns.learning import learnt, outcomes_of, values

OF = DraftOf("first", "Dana Reyes: sales", "dana@example.com", "2027-02-20")


def test_planted_values_are_claimed_and_their_rates_lie_in_the_intervals():
    market = PlantedBuyers(3)
    report = learnt(market)
    found = values(report)
    assert found["industry", "Software"]["claimed"] == "above"
    assert found["employees", "below 50"]["claimed"] == "below"
    assert not [one for (field, _), one in found.items() if field in {"country", "tools"} and one["claimed"]]
    small = found["employees", "below 50"]["win_rate"]
    assert small["low"] <= market.small <= small["high"]
    study = report["study"]
    assert study["won"] + study["lost"] + study["open"] == study["deals"] == market.deals


def test_values_of_a_field_share_all_deals_and_lists_count_in_each():
    report = learnt(PlantedBuyers(4))
    closed = report["study"]["won"] + report["study"]["lost"]
    by_field = {field["field"]: [v for v in field["values"] if not v["overlaps"]] for field in report["fields"]}
    for name in ("industry", "country", "employees"):
        assert sum(one["won"] + one["lost"] for one in by_field[name]) == closed, name
    assert sum(one["won"] + one["lost"] for one in by_field["tools"]) > closed
    assert {operator for one in by_field["tools"] for operator in one["when"]} == {"has_any"}


def test_one_seed_says_the_same_in_whatever_order_the_accounts_stand():
    told = PlantedBuyers(3).told()
    rows = {row["account_id"]: row for row in told.accounts}
    turned = dict(reversed(rows.items()))
    assert patterns(turned, outcomes_of(told.outcomes)) == patterns(rows, outcomes_of(told.outcomes))


def test_nothing_is_claimed_of_shuffled_outcomes():
    claims = [
        any(one["claimed"] for one in values(learnt(PlantedBuyers(n, shuffled=True))).values()) for n in range(12)
    ]
    assert sum(claims) <= 1


def test_accounts_that_always_do_the_same_are_no_evidence_by_their_number_of_deals():
    alike = PlantedBuyers(5, accounts=40, deals=2_000, alike=1.0, shuffled=True)
    report = learnt(alike)
    assert report["study"]["worth"] < 100, "2,000 deals of 40 accounts that never waver"
    assert "alike" in {one["code"] for one in report["caveats"]}
    assert not [one for one in values(report).values() if one["claimed"]]
    wide, narrow = report["win_rate"], learnt(PlantedBuyers(5, accounts=40, deals=2_000))["win_rate"]
    assert wide["high"] - wide["low"] > 3 * (narrow["high"] - narrow["low"])


def test_twenty_deals_say_what_they_cannot_say():
    report = learnt(PlantedBuyers(8, accounts=60, deals=20), draft_of=OF)
    assert report["summary"].startswith("Cannot tell yet")
    study = report["study"]
    needed = trials_needed(
        study["won"] / (study["won"] + study["lost"]), 1.5, FAMILY_ERROR / max(study["compared"], 1) / 2
    )
    assert f"would take about {needed - study['worth']:,} more deals" in report["summary"]
    assert all(one["win_rate"]["rate"] is None for one in values(report).values() if one["win_rate"]["trials"] < 10)
    assert all(one["shrunk"] is None for one in values(report).values() if one["win_rate"]["trials"] < 10)
    assert any(text.startswith("industry: cannot tell yet") for text in report["untested"])
    icp, _ = icp_file.parse("draft.yaml", report["draft"].encode())
    assert not icp.must_have
    assert not icp.disqualify
    assert not icp.points
    assert "industry: cannot tell yet" in report["draft"]


def test_the_draft_asks_for_what_is_claimed_with_the_evidence_beside_it():
    report = learnt(PlantedBuyers(7, deals=1_500, rate=0.1, software=0.7, small=0.1), draft_of=OF)
    icp, _ = icp_file.parse("draft.yaml", report["draft"].encode())
    assert (icp.icp, icp.owner_name, icp.owner_email) == ("first", "Dana Reyes: sales", "dana@example.com")
    assert [one.field for one in icp.must_have] == ["industry"]
    assert decide(icp, {"industry": "Software"}).decision == "chase"
    assert decide(icp, {"industry": "Retail"}).decision == "ignore"
    (line,) = [line for line in report["draft"].splitlines() if line.startswith("  industry:")]
    software = values(report)["industry", "Software"]
    assert f"won {software['won']:,} of {software['win_rate']['trials']:,}" in line
    assert "adjusted p " in line


def test_must_haves_disqualifiers_and_points_stand_apart():
    market = PlantedBuyers(8, accounts=800, deals=3_000, rate=0.5, software=0.75, small=0.04)
    icp, _ = icp_file.parse("draft.yaml", learnt(market, draft_of=OF)["draft"].encode())
    small, software = {"employees": 20, "industry": "Retail"}, {"employees": 300, "industry": "Software"}
    assert decide(icp, small).decision == "ignore"
    assert decide(icp, software).tier == "A"
    assert decide(icp, {"employees": 300, "industry": "Retail"}).tier in {"A", "B"}


@pytest.mark.parametrize(
    "text", ["yes", "No", "null", "3", "a: b", '"', "# x", "[a", "Ünïcode", "2024-01-01", "🚀 x", ""]
)
def test_any_text_can_be_a_value_of_a_draft(text):
    accounts = {f"buyer-{n}.com": {"Text: #1": text or "x", "other": str(n % 2)} for n in range(60)}
    accounts |= {f"other-{n}.com": {"Text: #1": "different", "other": str(n % 2)} for n in range(60)}
    rows = [
        {"outcome_id": name, "account_id": name, "stage": stage, "at": 0}
        for place, name in enumerate(accounts)
        for stage in ["won" if (name[0] == "b") == (place % 7 != 0) else "lost"]
    ]
    report = patterns(accounts, outcomes_of(rows), draft_of=OF)
    icp, _ = icp_file.parse("draft.yaml", report["draft"].encode())
    fields = accounts["buyer-1.com"]
    assert decide(icp, {"Text: #1": fields["Text: #1"]}).decision == "chase"
    assert decide(icp, {"Text: #1": "different"}).decision == "ignore"


def test_a_column_that_tells_won_from_lost_is_no_must_have_but_a_warning():
    deals = [("yes", "won")] * 57 + [("no", "lost")] * 140 + [("no", "won")] * 4
    accounts = {f"a{n}.com": {"Pays us": pays, "industry": "ab"[n % 2]} for n, (pays, _) in enumerate(deals)}
    rows = [
        {"outcome_id": name, "account_id": name, "stage": stage, "at": 0}
        for name, (_, stage) in zip(accounts, deals, strict=True)
    ]
    report = patterns(accounts, outcomes_of(rows), draft_of=OF)
    assert {one["claimed"] for one in values(report).values()} == {None}
    (warning,) = [one["text"] for one in report["caveats"] if one["code"] == "outcome_like"]
    assert warning.startswith("Pays us looks like the outcome itself: 'yes' won 57 of 57 deals, others 4 of 144.")
    icp, _ = icp_file.parse("draft.yaml", report["draft"].encode())
    assert (icp.must_have, icp.disqualify, icp.points) == ((), (), ())
    assert "# - Pays us: may have been written after the deals: " in report["draft"]


@pytest.mark.parametrize("pays", [{"won": 30, "lost": 12}, {"won": 45, "lost": 10}])
def test_a_value_that_wins_often_is_no_outcome(pays):
    deals = [("yes", stage) for stage, many in pays.items() for _ in range(many)]
    deals += [("no", "lost")] * 100 + [("no", "won")] * 2
    accounts = {f"a{n}.com": {"plan": plan} for n, (plan, _) in enumerate(deals)}
    rows = [
        {"outcome_id": name, "account_id": name, "stage": stage, "at": 0}
        for name, (_, stage) in zip(accounts, deals, strict=True)
    ]
    report = patterns(accounts, outcomes_of(rows))
    assert values(report)["plan", "yes"]["claimed"] == "above"
    assert "outcome_like" not in {one["code"] for one in report["caveats"]}


def test_columns_that_group_nobody_or_that_outcomes_write_are_not_compared():
    told = PlantedBuyers(9, accounts=80, deals=100).told()
    accounts = {
        row["account_id"]: {**row, "phone": f"+49 {n}", "Lead Status": "won", "same": "x", "name": "Acme", "owner": "d"}
        for n, row in enumerate(told.accounts)
    }
    report = patterns(accounts, outcomes_of(told.outcomes), outcome_fields=["country"])
    why = {one["field"]: one["why"] for one in report["not_compared"]}
    assert why.keys() == {"phone", "Lead Status", "same", "country"}
    assert "of its own" in why["phone"]
    assert "outcomes write it" in why["Lead Status"]
    assert {field["field"] for field in report["fields"]} == {"industry", "employees", "tools"}


def test_numbers_written_with_points_as_thousands_are_read_by_the_others_of_the_column():
    texts = ["1.200", "3.500", "12.000", "1.234.567", "900", "850", "70", "60", "50", "40"]
    accounts = {f"buyer-{n}.com": {"revenue": texts[n % len(texts)]} for n in range(100)}
    rows = [{"outcome_id": name, "account_id": name, "stage": "won", "at": 0} for name in accounts]
    report = patterns(accounts, outcomes_of(rows))
    (field,) = report["fields"]
    assert field["numbers"]
    assert field["filled"] == 90, "1.234.567 shows how the others are meant, but is itself no number"
    assert any("3500" in one["value"] or "1200" in one["value"] for one in field["values"])


def test_churn_and_deals_elsewhere_are_counted():
    told = PlantedBuyers(10, accounts=60, deals=100).told()
    accounts = {row["account_id"]: row for row in told.accounts}
    more = [
        {"outcome_id": "c1", "account_id": "buyer-1.com", "stage": "churned", "at": 10**12},
        {"outcome_id": "c2", "account_id": "buyer-1.com", "stage": "churned", "at": 10**12},
        {"outcome_id": "e1", "account_id": "elsewhere.com", "stage": "won", "at": 10**12},
    ]
    report = patterns(accounts, outcomes_of([*told.outcomes, *more]))
    assert report["study"]["churned"] == 1
    assert report["study"]["not_in_accounts"] == 1
    industry = accounts["buyer-1.com"]["industry"]
    assert values(report)["industry", industry]["churned"] == 1


def test_without_a_lost_deal_nothing_can_be_compared_and_that_is_said():
    told = PlantedBuyers(6, accounts=60, deals=60).told()
    accounts = {row["account_id"]: row for row in told.accounts}
    won = [row for row in told.outcomes if row["stage"] != "lost"]
    report = patterns(accounts, outcomes_of(won))
    assert report["summary"].startswith(f"Cannot tell: of {report['study']['won']} closed deals none was lost")


def test_large_numbers_are_written_out():
    (field,) = fields_of([{"funding": 1_000_000 * number} for number in range(1, 42)], (), ())
    assert next(one.words for one in field.values) == "below 11,000,000"
