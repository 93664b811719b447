"""The page of one account, out of what the API tells of it: what no journey of the demo happens to show."""

from copy import deepcopy
from typing import Any

import pytest

from signal_engine.adapters.http.dashboard.account import account_page
from signal_engine.adapters.http.dashboard.alerts import for_whom
from signal_engine.adapters.http.dashboard.ranked_list import Behind, list_page
from signal_engine.engine.read_model.list_cache import CachedList, Filter
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.output.crm_link import crm_link
from tests.http.asking import ask
from tests.http.market import Market

ACCOUNT = "pellowray.io"


@pytest.fixture
async def document(app: Any) -> dict[str, Any]:
    return dict((await ask(app, f"/v1/accounts/{ACCOUNT}")).json)


@pytest.mark.parametrize(
    ("changed", "fact"),
    [
        ({"relation": "open_opportunity"}, "Open opportunity"),
        ({"parent": "big.com", "parent_relation": "do_not_contact"}, "Parent: big.com (do not contact)"),
        ({"parent": "big.com", "parent_relation": None}, "Parent: big.com (in no accounts file)"),
        ({"owner": "AE West", "sdr": "SDR West"}, "SDR: SDR West"),
    ],
)
def test_what_an_account_is_to_us_and_to_whom_it_belongs(document: dict[str, Any], changed: dict[str, Any], fact: str):
    assert fact not in account_page(document)["account"]["facts"] or changed.items() <= document.items()
    assert fact in account_page({**document, **changed})["account"]["facts"]


def test_the_next_step_is_that_of_the_explanation(document: dict[str, Any]):
    assert document["next_step"]
    assert account_page(document)["account"]["next_step"] == document["next_step"]


def test_an_account_is_linked_to_its_site_and_its_place_in_the_crm(document: dict[str, Any]):
    crm = crm_link("https://crm.example.com/a/{crm_id}?d={account_id}")
    shown = account_page({**document, "crm_id": "AC/1"}, crm)["account"]
    assert (shown["site"], shown["crm_url"]) == (f"https://{ACCOUNT}/", f"https://crm.example.com/a/AC%2F1?d={ACCOUNT}")
    assert account_page({**document, "crm_id": None}, crm)["account"]["crm_url"] is None
    assert account_page(document)["account"]["crm_url"] is None


def test_who_calls_is_said_once_where_it_is_the_owner(document: dict[str, Any]):
    facts = account_page({**document, "owner": "Dana", "sdr": "Dana"})["account"]["facts"]
    assert [fact for fact in facts if "Dana" in fact] == ["Owner: Dana"]


def test_a_stack_that_adds_nothing_says_so(document: dict[str, Any]):
    alone = {**document, "kinds_live": ["intent"], "multiplier": 1.0}
    (stack,) = [part for part in account_page(alone)["account"]["parts"] if part["part"] == "stack"]
    assert stack["note"] == "1 signal type is live (intent), which adds nothing."


def test_whoever_was_seen_and_has_too_few_points_is_marked(document: dict[str, Any]):
    assert document["personas_live"] == ["it", "sales"], "else this proves nothing"
    active = {person["persona"]: person["active"] for person in account_page(document)["account"]["people"]}
    assert active["IT"]
    assert not active["engineering"]


@pytest.mark.parametrize(
    ("alert", "said"),
    [
        ({"audience": "triage", "owner": "AE West", "sdr": "SDR West"}, "for triage"),
        ({"audience": "owner", "owner": "AE West", "sdr": "SDR West"}, "for the owner, AE West"),
        ({"audience": "owner", "owner": None, "sdr": None}, "for the owner"),
        ({"audience": "sdr", "owner": "AE West", "sdr": "SDR West"}, "for SDR West"),
        ({"audience": "sdr", "owner": None, "sdr": None}, "for whoever calls"),
    ],
)
def test_for_whom_an_alert_is(alert: dict[str, Any], said: str):
    assert for_whom(alert) == said


@pytest.fixture
async def listed(lively: Market) -> CachedList:
    store_snapshot: StoreSnapshot = lively.store_snapshot()
    await store_snapshot.poll()
    return store_snapshot.lists["all"]


NOTHING = Behind()


def shown(listed: CachedList, now: int, behind: Behind = NOTHING) -> dict[str, Any]:
    return list_page({"all": listed}, listed, Filter(), now, behind)


def test_cold_accounts_of_a_list_that_shows_them_stand_under_a_heading_of_their_own(listed: CachedList, lively: Market):
    """As with `min_level: cold` in the scoring file."""
    cold = {"account_id": "cold.com", "badge": "cold", "level": "cold", "rank": len(listed.entries) + 1}
    listed.entries.append({**deepcopy(listed.entries[-1]), **cold})
    blocks = {block["name"]: block for block in shown(listed, lively.now)["blocks"]}
    assert [row["account"] for row in blocks["cold"]["rows"]] == ["cold.com"]
    assert blocks["cold"]["title"] == "Not in-market"
    assert {row["badge"] for row in blocks["market"]["rows"]} == {"hot", "warm"}


def test_a_long_list_has_pages_of_fifty_that_keep_the_filter(listed: CachedList, lively: Market):
    some = [deepcopy(one) for one in listed.entries if not one["pinned"]]
    listed.entries[:] = [{**some[0], "account_id": f"a{rank}.com", "rank": rank} for rank in range(1, 121)]
    wanted = Filter(owner=some[0]["owner"])
    pages = [list_page({"all": listed}, listed, wanted, lively.now, NOTHING, page=number) for number in (1, 2, 3, 4)]
    on = [[row["rank"] for block in page["blocks"] for row in block["rows"]] for page in pages]
    assert on == [[*range(1, 51)], [*range(51, 101)], [*range(101, 121)], [*range(101, 121)]]
    first, second, third = (page["paging"] for page in pages[:3])
    assert (first["before"], third["after"], first["pages"]) == ("", "", 3)
    owner = some[0]["owner"].replace(" ", "+")
    assert second["before"] == f"/?list=all&owner={owner}"
    assert first["after"] == second["after"].replace("page=3", "page=2") == f"/?list=all&owner={owner}&page=2"


def test_a_list_without_hand_raises_needs_no_headings(listed: CachedList, lively: Market):
    listed.entries[:] = [entry for entry in listed.entries if not entry["pinned"]]
    (block,) = shown(listed, lively.now)["blocks"]
    assert (block["name"], block["title"]) == ("market", "")


def test_the_order_is_told_with_the_weights_in_force_and_not_at_all_while_there_are_none(
    listed: CachedList, lively: Market
):
    order = shown(listed, lively.now, Behind(weights=(("A", 1.0), ("B", 0.5))))["order"]
    assert order.endswith("times the weight of the fit tier (A 1, B 0.5).")
    assert shown(listed, lively.now)["order"] == ""
