"""A replay by the native judge comes to what Python comes to, byte for byte, and begins anew where it fails."""

import random
from collections.abc import Callable, Iterator
from errno import ENOSPC
from functools import partial
from pathlib import Path
from typing import Any, Final

import orjson
import pytest

from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.flow import EventOutcome, ScoringContext
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.partition.ordinary.judge import judging
from signal_engine.entrypoints.commands.replay_run import ReplayRun, json_document
from signal_engine.entrypoints.wiring.inputs import Inputs, read_inputs
from signal_engine.wire.instants import format_instant, parse_instant
from tests.build import DAY, T0, event, kind, policy
from tests.native.both import read_by
from tests.native.test_judging import OWN

ROOT: Final = Path(__file__).parents[2]
ACTIVITIES: Final = ("page_view", "pricing_view", "pricing_view", "email_click", "demo_request", "trial_signup")
PERSONAS: Final = ("CFO", "VP Sales", "student", "Chief Wizard", "analyst", None)
ICP: Final = {
    "icp": "anybody", "version": 1, "owner": {"name": "Test", "email": "test@example.com"}, "review_by": "2099-01-01",
    "base": 50, "points": [{"when": {"country": {"eq": "us"}}, "points": 40, "label": "in our market"}],
    "tiers": {"A": 80, "B": 40}, "decisions": {"A": "chase", "B": "ignore"},
}  # fmt: skip


def lines(many: int, days: int, accounts: int = 40) -> list[bytes]:
    """Events of all sorts, in order of time: some twice, some refused, some of an import."""
    dice, found = random.Random(7), []
    for at in sorted(T0 + dice.randrange(days * DAY) for _ in range(many)):
        kind = dice.choice([*OWN])
        event: dict[str, Any] = {"kind": kind, "event_id": f"{kind}-{dice.randrange(many)}"}
        event |= {"account_id": f"account-{dice.randrange(accounts)}.com", "occurred_at": format_instant(at)}
        event |= {"source": dice.choice(["crm", "web"]), "confidence": dice.choice([1.0, 0.7, 0.0])}
        match kind:
            case "intent":
                event |= {"topic": dice.choice(["crm", "sales automation", "cars"]), "score": dice.randrange(40, 101)}
            case "hiring":
                event |= {"title": "VP Sales", "department": "Sales", "seniority": dice.choice(["vp", "manager"])}
            case "funding":
                event |= {"round": dice.choice(["seed", "series_b"]), "amount_usd": dice.choice([5e5, 5e7])}
            case "engagement":
                event |= {"activity": dice.choice(ACTIVITIES), "persona": dice.choice(PERSONAS)}
            case "technographic":
                event |= {"technology": dice.choice(["Salesforce", "Abacus"]), "change": "adopted"}
            case "leadership":
                event |= {"role": "Head of Sales", "change": dice.choice(["joined", "left"])}
        event |= {"backfill": True} if dice.random() < 0.05 else {}
        event |= {"occurred_at": "yesterday"} if dice.random() < 0.02 else {}
        found.append(orjson.dumps(event))
    return found


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Inputs, str]:
    folder = tmp_path_factory.mktemp("replayed")
    (folder / "accounts.csv").write_text(
        "domain,country\n" + "".join(f"account-{n}.com,{'us' if n % 3 else 'fr'}\n" for n in range(40))
    )
    (folder / "icp.yaml").write_bytes(orjson.dumps(ICP))
    (folder / "events.jsonl").write_bytes(b"\n".join(lines(6_000, days=50)))
    icps = [str(folder / "icp.yaml"), str(ROOT / "config" / "icp" / "midmarket-saas.yaml")]
    inputs = read_inputs(str(ROOT / "config" / "scoring.yaml"), icps, str(folder / "accounts.csv"), lambda _: None)
    return inputs, str(folder / "events.jsonl")


def replayed(files: tuple[Inputs, str], until: int | None = None) -> bytes:
    inputs, events = files
    with ReplayRun(inputs, [events], until) as run:
        return b"".join(json_document(run, run.run()))


@pytest.fixture(autouse=True)
def _offers_nothing_afterwards() -> Iterator[None]:
    yield
    judging.offer(None)


@pytest.mark.parametrize("mode", ["auto", "check"])
@pytest.mark.parametrize("until", [None, T0 + 20 * DAY, T0 + 30 * DAY + 43_200_000])
def test_its_document_is_the_same_to_the_byte(
    native_module: Any, files: tuple[Inputs, str], mode: str, until: int | None
) -> None:
    expected = replayed(files, until)
    with read_by(mode):
        found = replayed(files, until)
    assert found == expected
    document = orjson.loads(found)
    assert len(document["alerts"]) > 50
    assert document["distribution"]["hot"] > 0
    assert len(document["lists"]["all"]) > 10


def test_it_judges_most_of_the_events(native_module: Any, files: tuple[Inputs, str]) -> None:
    judged: list[int] = []

    class Counted(NativeJudge):
        def __init__(self, context: ScoringContext) -> None:
            super().__init__(native_module, context)
            self._run, self.run = self.run, self.counting

        def counting(self, arrivals: Any, at: int, *rest: Any) -> int:
            ends = self._run(arrivals, at, *rest)
            judged.append(ends - at)
            return ends

    judging.offer(Counted)
    received = orjson.loads(replayed(files))["counts"]["received"]
    assert sum(judged) > 0.95 * received


def test_where_it_panics_the_replay_begins_anew_with_python(native_module: Any, files: tuple[Inputs, str]) -> None:
    expected, why = replayed(files), list[str]()
    judging.failed = lambda error: why.append(str(error))
    judging.offer(partial(NativeJudge, native_module, broken=True))
    assert replayed(files) == expected
    assert judging.by == "python"
    assert why[0].startswith("the native part panicked in ")


def test_alerts_that_cannot_be_kept_are_no_fault_of_the_judge(
    native_module: Any, files: tuple[Inputs, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Alert] = []

    def full(_: ReplayRun, alert: Alert) -> None:
        tried.append(alert)
        raise OSError(ENOSPC, "no space left on device")

    monkeypatch.setattr(ReplayRun, "_note_alert", full)
    judging.offer(partial(NativeJudge, native_module))
    with pytest.raises(OSError, match="no space left"):
        replayed(files)
    assert len(tried) == 1
    assert judging.is_offered


class Lying(NativeJudge):
    """It says that it judged one event more than it did."""

    def __init__(self, module: Any, context: ScoringContext) -> None:
        super().__init__(module, context)
        run: Callable[..., int] = self.run
        self.run = lambda arrivals, at, *rest: min(run(arrivals, at, *rest) + 1, len(arrivals))


def test_where_it_comes_to_something_else_that_is_noticed(native_module: Any, files: tuple[Inputs, str]) -> None:
    expected, why = replayed(files), list[str]()
    judging.failed = lambda error: why.append(str(error))
    judging.offer(partial(Lying, native_module), check_every=1)
    assert replayed(files) == expected
    assert judging.by == "python"
    assert why[0].startswith("a block differs in alerts, ")
    assert "outcomes (applied: " in why[0]


def test_a_block_in_which_garbage_is_collected_is_no_difference(native_module: Any) -> None:
    rules, names = policy(kind(half_life=1)), [f"{letter}.com" for letter in "abcdef"]
    context, arrivals, why = ScoringContext(rules), list[Arrival](), list[str]()
    for at in (T0, T0 + 300 * DAY):
        for name in names:
            one = event(at=at, event_id=f"{at}", account=name)
            arrivals.append(Arrival(at, one.event_id, 0, len(arrivals), one))
    judging.failed = lambda error: why.append(str(error))
    judging.offer(partial(NativeJudge, native_module), check_every=1)
    states = States(rules, gc_at=3)
    replay = Replay(context, {}, [], lambda _: None, states, judge=judging.judge(context))
    replay.take(Block(arrivals, arrivals[-1].now))
    assert (why, states.collections) == ([], 1)
    assert replay.counts[EventOutcome.APPLIED] == len(arrivals)


def test_the_period_is_that_of_the_first_signal(native_module: Any, files: tuple[Inputs, str]) -> None:
    with read_by("auto"):
        document = orjson.loads(replayed(files))
    assert document["distribution"]["days"] == pytest.approx(50, abs=0.1)
    assert parse_instant(document["until"]) < T0 + 50 * DAY
