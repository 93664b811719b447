"""`signal-engine icp check`."""

import json
from pathlib import Path

from tests.cli.running import ROOT, run

CHECK = ("icp", "check", "config/icp/midmarket-saas.yaml", "--accounts", "config/accounts.csv")


def test_json_and_table_say_the_same():
    result = run(*CHECK, "--json").json()
    assert result["icp"] == "midmarket-saas"
    before = result["read"]["accounts"]
    for step in result["funnel"]:
        assert (step["before"], step["before"] - step["lost"]) == (before, step["left"])
        before = step["left"]
    ran = run(*CHECK)
    assert ran.code == 0
    for step in result["funnel"]:
        assert f"{step['before']:,}  {step['lost']:>6,}  {step['left']:>6,}".split() == [
            cell for line in ran.out.splitlines() if step["criterion"][:40] in line for cell in line.split()[-3:]
        ]


def test_too_much_work_is_a_market(tmp_path: Path):
    file = tmp_path / "accounts.csv"
    row = "a{}.com,300,Software,United States,Salesforce;Snowflake"
    header = "domain,employee_count,industry,country,tech_stack"
    file.write_text("\n".join([header, *(row.format(number) for number in range(53))]))
    check = (*CHECK[:3], "--accounts", file, "--capacity")
    year = run(*check, "2").out
    assert "26.5 weeks of work" in year
    assert "not an ICP" not in year
    assert "More than a year: this is a market, not an ICP." in run(*check, "1").out


def test_an_invalid_file_is_refused_by_name_and_line(tmp_path: Path):
    file = tmp_path / "icp.yaml"
    file.write_text((ROOT / "config/icp/midmarket-saas.yaml").read_text().replace("tiers: {A: 80,", "tiers: {A: high,"))
    ran = run("icp", "check", file, "--accounts", "config/accounts.csv")
    assert ran.code == 2
    assert f"{file}:" in ran.err
    assert "tiers.A" in ran.err
    assert ran.out == ""


def test_a_capacity_of_nothing_is_wrong_usage():
    assert run(*CHECK, "--capacity", "0").code == 2


def test_exports_of_other_tools_are_read_by_a_mapping():
    ran = run(*CHECK, "--as", "no-such-mapping")
    assert ran.code == 2
    assert "no-such-mapping" in ran.err


def test_events_show_who_is_in_the_market_and_how_many_alerts_that_is(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    fits = "quillmarsh-systems.com"
    told = [(fits, "demo_request", 25), (fits, "pricing_view", 24), ("stranger.com", "pricing_view", 4)]
    events = [
        {
            "kind": "engagement",
            "event_id": f"e{number}",
            "account_id": account,
            "activity": activity,
            "occurred_at": f"2026-11-{day:02}T00:00:00Z",
        }
        for number, (account, activity, day) in enumerate(told)
    ]
    path.write_text("".join(json.dumps(event) + "\n" for event in events))
    now = run(*CHECK, "--events", path, "--json").json()["in_market"]
    lists = run("replay", path, *CHECK[3:], "--icp", CHECK[2], "--json").json()
    assert (now["until"], now["listed"]) == ("2026-11-25T00:00:00Z", len(lists["lists"]["midmarket-saas"]))
    assert now["listed"] == sum(one["hot"] + one["warm"] for one in now["tiers"]) == 1
    assert (now["weeks"], now["alerts"], now["alerts_a_week"]) == (3.0, len(lists["alerts"]), 0.3)
    shown = run(*CHECK, "--events", path)
    assert "1 account on the list" in shown.out
    path.write_text("")
    assert "no events to score" in run(*CHECK, "--events", path).err
    assert run(*CHECK, "--json").json()["in_market"] is None
