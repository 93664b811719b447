"""A control group exists for administrators alone: no endpoint and no page shows anybody else who is in it."""

import json
from datetime import UTC, datetime
from typing import Any, NamedTuple, get_args
from uuid import UUID

import pytest

from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.delivery.holdback import ControlGroup, Holdback
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.ports.controls import held_list
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.output.reports.reported_account import ReportName
from tests.http.asking import Answer, ask
from tests.http.delivered import fill
from tests.http.market import NOW, Market, market

REPORTS = get_args(ReportName)
TODAY = datetime.fromtimestamp(NOW / 1_000, UTC).date()
GROUP = ControlGroup((Holdback(0.5, TODAY, TODAY, "http"),))
(ADMIN, KNOWS_ADMIN), (READER, KNOWS_READER) = new_token("ada@example.com", administers=True), new_token()
(ACTOR, KNOWS_ACTOR) = new_token("ann@example.com")


class Held(NamedTuple):
    """A market whose control group has just begun to count."""

    market: Market
    app: Any
    before: list[str]
    """Who was listed before that."""

    async def ask(self, target: str, token: str, **headers: str) -> Answer:
        return await ask(self.app, target, authorization=f"Bearer {token}", **headers)

    async def listed(self, token: str) -> list[dict[str, Any]]:
        return (await self.ask("/v1/lists/all", token)).json["entries"]

    @property
    def gone(self) -> list[str]:
        return [one for one in self.before if GROUP.holds(one, NOW, pinned=False) and one not in self.pinned]

    @property
    def pinned(self) -> set[str]:
        now = json.loads(self.market.server.lists["", "all"][1])
        return {one["account_id"] for one in now["entries"] if one["pinned"]}


@pytest.fixture
async def held() -> Held:
    made = market(90)
    before = [entry["account_id"] for entry in (await made.lookout_of_now()).entries]
    made.context.control_group = GROUP
    made._publisher._published = None  # as a worker that starts with another routes file
    await made.publish()
    snapshot = made.store_snapshot()
    await snapshot.poll()
    tokens = "\n".join((KNOWS_ADMIN, KNOWS_READER, KNOWS_ACTOR))
    found = Held(made, made.app(tokens=tokens, store_snapshot=snapshot), before)
    assert len(found.gone) >= 3, "else this says nothing"
    return found


@pytest.mark.parametrize("token", [READER, ACTOR], ids=["reads", "acts"])
async def test_lists_and_downloads_are_without_them(held: Held, token: str) -> None:
    entries = await held.listed(token)
    assert not {entry["account_id"] for entry in entries} & {*held.gone}
    assert [entry["rank"] for entry in entries] == [*range(1, len(entries) + 1)]
    for target in ("/v1/lists/all.csv", "/", "/part/list", "/v1/lists/all/moves", "/moves"):
        body = (await held.ask(target, token)).body.decode()
        assert not [name for name in held.gone if name in body], target
        assert "control" not in body.lower(), target
    sizes = {one["list"]: one["size"] for one in (await held.ask("/v1/lists", token)).json["lists"]}
    assert sizes["all"] == len(entries)


async def test_administrators_see_them_marked_and_the_ranks_that_everybody_sees(held: Held) -> None:
    everybody = {entry["account_id"]: entry for entry in await held.listed(READER)}
    shown = await held.listed(ADMIN)
    marked = [entry for entry in shown if "control_group" in entry]
    assert {entry["account_id"] for entry in marked} == {*held.gone}
    assert {json.dumps(entry["control_group"]) for entry in marked} == {f'{{"since": "{TODAY}", "until": "{TODAY}"}}'}
    assert [entry for entry in shown if "control_group" not in entry] == [*everybody.values()]
    assert [entry["rank"] for entry in shown] == sorted(entry["rank"] for entry in shown)
    page = (await held.ask("/", ADMIN)).body.decode()
    assert page.count(f"Control group until {TODAY}") >= min(3, len(marked))
    assert (await held.ask("/v1/lists/all", ADMIN)).headers["etag"] != (
        await held.ask("/v1/lists/all", READER)
    ).headers["etag"]


async def test_the_same_page_is_not_kept_for_both(held: Held) -> None:
    account = held.gone[0]
    for token, says in ((ADMIN, True), (READER, False), (ADMIN, True), (ACTOR, False)):
        page = (await held.ask(f"/accounts/{account}", token)).body.decode()
        assert ("Control group until" in page) is says
        assert ("control group" in page.lower()) is says
    for target in ("/", "/alerts", "/part/alerts", "/part/list"):
        shown = [(await held.ask(target, token)).body for token in (ADMIN, READER, ADMIN, READER)]
        assert shown[0] == shown[2]
        assert shown[1] == shown[3]


async def test_an_account_is_explained_without_its_signals_and_to_administrators_with_them(held: Held) -> None:
    for account in held.gone:
        everybody = (await held.ask(f"/v1/accounts/{account}", READER)).json
        admin = (await held.ask(f"/v1/accounts/{account}", ADMIN)).json
        assert "control_group" not in everybody
        assert admin["control_group"] == {"since": str(TODAY), "until": str(TODAY)}
        assert [place["rank"] for place in (*everybody["lists"], *admin["lists"])] == [None] * 2 * len(admin["lists"])
        assert "control_group" in {place["why_not"] for place in admin["lists"]}
        whys = {place["why_not"] for place in everybody["lists"]}
        assert "below_min_level" in whys
        assert whys <= {"below_min_level", "not_fit", "deprioritized", "fit_unknown"}
        assert (everybody["level"], everybody["score"], everybody["why_no_alert"]) == ("cold", 0.0, "below_threshold")
        assert everybody["history"] == {"signals": [], "scores": []}
        assert admin["score"] > 0 < len(admin["history"]["signals"])
        decided = [[(one["icp"], one["decision"], one["tier"]) for one in its["fit"]] for its in (everybody, admin)]
        assert decided[0] == decided[1]


SIGNALS: tuple[dict[str, Any], ...] = (
    {"kind": "intent", "topic": "CRM", "score": 91},
    {"kind": "intent", "topic": "sales forecasting", "score": 84},
    *(
        {"kind": "engagement", "activity": "pricing_view", "persona": persona, "page": "/pricing"}
        for persona in ("Chief Financial Officer", "VP Sales", "Head of Demand Generation")
    ),
)
"""Of an account that becomes hot by them, without a hand raise."""


async def _as_seen(accounts: list[str], *actions: AccountAction) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a reader and an administrator see of a market whose group is drawn, and in which these have signals, once
    people have acted."""
    made = market()
    made.context.control_group = GROUP
    for account in accounts:
        for fields in SIGNALS:
            await made.signal(account, **fields)
    for action in actions:
        await made._act(action.account, write_action(action))
    await made.publish()
    snapshot = made.store_snapshot()
    await snapshot.poll()
    app = made.app(tokens="\n".join((KNOWS_ADMIN, KNOWS_READER)), store_snapshot=snapshot)
    targets = [f"{page}{name}" for page in ("/v1/accounts/", "/accounts/") for name in [*accounts, DRAWN]]
    targets += ["/v1/lists", "/v1/lists/all", "/v1/lists/all.csv", "/v1/lists/all/moves", "/v1/alerts", "/", "/alerts"]
    targets += [f"/v1/reports/{name}" for name in REPORTS if name != "data-quality"]  # it counts events, not accounts
    readers = {one: (await ask(app, one, authorization=f"Bearer {READER}")).body.decode() for one in targets}
    admins = {one: (await ask(app, one, authorization=f"Bearer {ADMIN}")).body.decode() for one in targets}
    return readers, admins


CHASED = [name for name, fit in market().inputs.fits.items() if fit.primary.decision == "chase" and not fit.suppressed]
DRAWN = next(name for name in CHASED if GROUP.holds(name, NOW, pinned=False))
OTHERS = [name for name in CHASED if not GROUP.holds(name, NOW, pinned=False)][:3]


async def test_whoever_is_held_back_cannot_be_told_from_an_account_without_signals() -> None:
    """Word for word, wherever somebody may look: so nothing says who is in the group."""
    without, _ = await _as_seen(OTHERS)
    held, admins = await _as_seen([*OTHERS, DRAWN])
    (seen,) = [one for one in json.loads(admins["/v1/lists/all"])["entries"] if one["account_id"] == DRAWN]
    assert (seen["level"], "control_group" in seen) == ("hot", True), "else this says nothing"
    assert DRAWN in {one["account_id"] for one in json.loads(admins["/v1/alerts"])["alerts"]}
    for target, body in without.items():
        assert held[target] == body, target


@pytest.mark.parametrize(
    "done", [{"action": "snooze", "until": NOW + DAY}, {"action": "kill"}, {"action": "do_not_contact"},
             {"action": "disposition", "outcome": "not_now", "until": NOW + DAY}, {"action": "claim"}],
    ids=lambda done: done["action"],
)  # fmt: skip
async def test_nor_once_somebody_has_acted_on_it(done: dict[str, Any]) -> None:
    """Whoever hides an account would learn by what its page shows then that it was held back."""
    action = AccountAction(account=DRAWN, action_id=str(UUID(int=7)), at=NOW, by="ann@example.com", via="api", **done)
    without, _ = await _as_seen(OTHERS, action)
    held, admins = await _as_seen([*OTHERS, DRAWN], action)
    assert json.loads(admins[f"/v1/accounts/{DRAWN}"])["score"] > 0, "else this says nothing"
    assert DRAWN in held[f"/accounts/{DRAWN}"]
    for target, body in without.items():
        assert held[target] == body, target


async def test_alerts_of_which_nobody_was_told_are_administrators_alone(held: Held) -> None:
    """Those of the days before the draw were sent: they stay."""
    calm = next(name for name in held.gone)
    await held.market.signal(calm, "funding", amount_usd=60e6, round="series_c")
    by_token = {token: (await held.ask("/v1/alerts?limit=1000", token)).json["alerts"] for token in (ADMIN, READER)}
    only = [one for one in by_token[ADMIN] if one not in by_token[READER]]
    assert calm in {one["account_id"] for one in only}
    assert {one["at"][:10] for one in only} == {str(TODAY)}
    assert not [one for one in only if one["type"] in {"hand_raise", "inbound"} or one["pinned"]]
    assert {one["recorded"] for one in only} == {"control_group"}
    assert not [one for one in by_token[READER] if one["recorded"]]
    assert "Not sent" in (await held.ask("/alerts", ADMIN)).body.decode()
    shown = (await held.ask(f"/v1/accounts/{calm}", READER)).json["alerts"]
    assert not [one for one in shown if one["at"][:10] == str(TODAY)]
    assert [one for one in (await held.ask(f"/v1/accounts/{calm}", ADMIN)).json["alerts"] if one not in shown]


async def test_news_of_an_alert_say_to_administrators_that_it_was_not_sent(held: Held) -> None:
    snapshot = held.market.store_snapshot()
    await snapshot.poll()
    with snapshot.listening() as queue:
        await held.market.signal(held.gone[0], "funding", amount_usd=60e6, round="series_c")
        alerts: list[Any] = []
        for _ in range(20):  # alerts are looked at every few polls
            await snapshot.poll()
            while not queue.empty():
                if (news := queue.get_nowait()) is not None and news.what == "alert":
                    alerts.append(news)
    assert alerts, "else this says nothing"
    assert {(one.withheld, one.document["recorded"]) for one in alerts} == {(True, "control_group")}


async def test_whoever_raises_a_hand_is_seen_by_everybody(held: Held) -> None:
    account = held.gone[0]
    await held.market.signal(account)
    await held.market.publish()
    snapshot = held.market.store_snapshot()
    await snapshot.poll()
    app = held.market.app(tokens=KNOWS_READER, store_snapshot=snapshot)
    entries = (await ask(app, "/v1/lists/all", authorization=f"Bearer {READER}")).json["entries"]
    assert entries[0]["account_id"] == account
    (alert, *_) = (await ask(app, "/v1/alerts", authorization=f"Bearer {READER}")).json["alerts"]
    assert (alert["account_id"], alert["type"]) == (account, "hand_raise")


async def test_deliveries_say_how_many_are_not_told_of_and_only_to_administrators_which(held: Held) -> None:
    await fill(held.market.ledger, NOW)
    documents = [(await held.ask("/v1/deliveries", token)).json for token in (ADMIN, READER)]
    admin, everybody = ({one["delivery_id"] for one in document["deliveries"]} for document in documents)
    assert admin - everybody == {"d-held-back"}
    assert documents[0]["withheld"] == documents[1]["withheld"]
    assert documents[0]["destinations"] == documents[1]["destinations"]
    assert "d-held-back" in (await held.ask("/deliveries", ADMIN)).body.decode()
    assert "d-held-back" not in (await held.ask("/deliveries", READER)).body.decode()


async def test_a_view_that_nobody_tells_of_administrators_takes_nobody_for_one(held: Held) -> None:
    """Commands, agents and digests open accounts like this."""
    view = AccountView(held.market.store, held.market.controls, held.market.partition_of)
    explained = await view.explain(held.gone[0], NOW)
    assert explained is not None
    assert "control_group" not in explained
    listed = await view.served("all")
    assert listed is not None
    assert not {entry["account_id"] for entry in listed["entries"]} & {*held.gone}


async def test_whom_a_list_leaves_out_is_no_list(held: Held) -> None:
    """Commands and agents pass on the name that they were given."""
    view = AccountView(held.market.store, held.market.controls, held.market.partition_of)
    asked = held_list("all")
    assert held.market.server.lists["", asked][1], "else this says nothing"
    assert await view.served(asked) is None
    assert await view.served(asked, administers=True) is None
