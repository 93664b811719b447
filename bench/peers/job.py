"""The job in plain Python: what a user of any framework writes to have one explained score per account.

    value -> events.read() -> Event, or the word for why it is refused
    state, Event -> Job.decide() -> outcome, and what there is to tell

An account's state is a dict of JSON values, so that every framework can keep it in its own way. The formulas and the
rules are those of the engine's scoring file; signals are folded into one number a facet (forward decay), because
keeping them all would only be slower.
"""

import csv
import json
from collections.abc import Callable
from math import exp
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import xxhash

from bench.peers.events import Event

DAY = 86_400_000
REMEMBERED = 1024

State = dict[str, Any]


class Fit(NamedTuple):
    """What the accounts file and the ICP say of an account."""

    decision: str
    tier: str


class Kind(NamedTuple):
    """What the scoring file says of a kind."""

    half_life: float
    """ms."""
    cap: float
    facet: str
    facet_cap: float
    rules: list[tuple[list[tuple[str, Callable[[Any], bool]]], float, bool]]
    """Conditions (field, test), points, whether it is a hand raise."""


class Job:
    """The scoring file, and the fit of every account, in memory."""

    def __init__(self, scoring: Path, icp: Path, accounts: Path) -> None:
        told = json.loads(scoring.read_text())
        self.kinds = {name: _kind(kind) for name, kind in told["kinds"].items()}
        self.floor: float = told["stack"]["live_floor"]
        self.multipliers: list[float] = told["stack"]["multipliers"]
        self.hot, self.warm = told["levels"]["hot"], told["levels"]["warm"]
        self.cooldown = told["alerts"]["cooldown_days"] * DAY
        self.hand_raise = told["alerts"]["hand_raise_hours"] * DAY / 24
        self.weights: dict[str, float] = told["lists"]["tier_weight"]
        self.fits = _fits(json.loads(icp.read_text()), accounts)

    def decide(self, state: State, event: Event, arrived: int) -> tuple[str, dict[str, Any] | None]:
        """Changes `state` by `event`: the outcome, and what there is to tell (a level that changed, an alert)."""
        kind = self.kinds[event.kind]
        now = max(arrived, state["now"])
        digest = xxhash.xxh3_64_intdigest(event.event_id.encode())
        if digest in state["ids"]:
            return "duplicate", None
        if now - event.occurred_at > 6 * kind.half_life:
            return "expired", None
        points, act_now = worth(kind, event.fields)
        if points <= 0 or event.fields.get("status") == "closed":
            return "ignored", None

        state["now"] = now
        level, strengths = state["level"], self._strengths(state, now)
        if level != "cold":
            self._fall(state, self._stacked(strengths)[0])
        self._remember(state, digest, event.occurred_at + 6 * kind.half_life, now)
        at = min(event.occurred_at, now)
        kept = state["kinds"].setdefault(event.kind, [at, {}])
        facet = str(event.fields.get(kind.facet) or "unknown").strip().casefold()
        kept[1][facet] = kept[1].get(facet, 0.0) + points * 2.0 ** ((at - kept[0]) / kind.half_life)
        strengths[event.kind] = _strength(kind, kept, now)  # the others have not changed
        score, raw, live = self._stacked(strengths)
        self._rise(state, score, live)
        fit = self.fits.get(event.account)
        alert = self._alert(state, live, now, act_now) if fit is not None and fit.decision == "chase" else None
        if alert is None and state["level"] == level:
            return "applied", None
        return "applied", {
            "account_id": event.account, "alert": alert, "at": now, "score": round(score, 2), "level": state["level"],
            "priority": round(raw * self.weights.get(fit.tier, 0.0), 2) if fit else None, "kinds_live": live,
            "fit": fit and fit.decision, "tier": fit and fit.tier, "episode": state["episode"],
            "event_id": event.event_id,
        }  # fmt: skip

    def score(self, state: State, now: int) -> float:
        """The score at `now` (ms)."""
        return self._stacked(self._strengths(state, now))[0]

    def _strengths(self, state: State, now: int) -> dict[str, float]:
        return {name: _strength(self.kinds[name], kept, now) for name, kept in state["kinds"].items()}

    def _stacked(self, strengths: dict[str, float]) -> tuple[float, float, list[str]]:
        """Score, the same before its ceiling, and the kinds that are live."""
        total = sum(strengths.values())
        live = [name for name, strength in strengths.items() if strength >= self.floor]
        raw = total * self.multipliers[min(len(live), len(self.multipliers)) - 1] if live else total
        return min(100.0, raw), raw, live

    def _fall(self, state: State, score: float) -> None:
        if state["level"] == "hot" and score < self.hot["exit"]:
            state["level"] = "warm"
        if state["level"] == "warm" and score < self.warm["exit"]:
            state["level"] = "cold"

    def _rise(self, state: State, score: float, live: list[str]) -> None:
        if state["level"] == "hot":
            return
        if score >= self.hot["enter"] and len(live) >= self.hot["min_kinds"]:
            state |= {"level": "hot", "episode": state["episode"] + 1, "alerted": False, "named": []}
        elif state["level"] == "cold" and score >= self.warm["enter"] and len(live) >= self.warm["min_kinds"]:
            state["level"] = "warm"

    def _alert(self, state: State, live: list[str], now: int, act_now: bool) -> str | None:  # noqa: FBT001
        hot = state["level"] == "hot"
        if act_now and (state["raised_at"] is None or now - state["raised_at"] >= self.hand_raise):
            state["raised_at"] = now
            alert = "hand_raise"
        elif not hot:
            return None
        elif state["alerted"]:
            if not set(live) - set(state["named"]):
                return None
            alert = "new_evidence"
        else:
            last = state["alerted_at"]
            if last is not None and now - last < self.cooldown and not set(live) - set(state["alerted_kinds"]):
                return None
            alert = "entered_hot"
        if hot:
            named = sorted({*state["named"], *live})
            state |= {"alerted": True, "named": named, "alerted_at": now, "alerted_kinds": live}
        return alert

    def _remember(self, state: State, digest: int, until: float, now: int) -> None:
        ids, ends = state["ids"], state["ends"]
        ids.append(digest)
        ends.append(int(until))
        if len(ids) > REMEMBERED:
            kept = [(one, end) for one, end in zip(ids, ends, strict=True) if end >= now][-REMEMBERED:]
            ids[:], ends[:] = [one for one, _ in kept], [end for _, end in kept]


def blank() -> State:
    """The state of an account of which nothing is known."""
    return {
        "now": 0, "ids": [], "ends": [], "kinds": {}, "level": "cold", "episode": 0, "alerted": False, "named": [],
        "alerted_at": None, "alerted_kinds": [], "raised_at": None,
    }  # fmt: skip


def _strength(kind: Kind, kept: list[Any], now: int) -> float:
    ref, facets = kept
    most = kind.facet_cap
    scale = -(2.0 ** ((ref - now) / kind.half_life)) / most
    return kind.cap * (1 - exp(-sum([most * (1 - exp(s * scale)) for s in facets.values()]) / kind.cap))


def worth(kind: Kind, fields: dict[str, Any]) -> tuple[float, bool]:
    """Points of an event by the first rule that holds, and whether it is a hand raise."""
    for conditions, points, act_now in kind.rules:
        if all(field in fields and holds(fields[field]) for field, holds in conditions):
            return points * fields.get("confidence", 1.0), act_now
    return 0.0, False


def encode(told: dict[str, Any]) -> bytes:
    """What is told, as a record's value."""
    return orjson.dumps(told)


def _kind(told: dict[str, Any]) -> Kind:
    rules = [
        (
            [(field, holds) for field, test in rule.get("when", {}).items() for holds in _tests(test)],
            float(rule["points"]),
            bool(rule.get("act_now")),
        )
        for rule in told["rules"]
    ]
    return Kind(told["half_life_days"] * DAY, told["cap"], told["facet"], told["facet_cap"], rules)


def _tests(told: Any) -> list[Callable[[Any], bool]]:
    made: list[Callable[[Any], bool]] = []
    for operator, operand in told.items() if isinstance(told, dict) else [("eq", told)]:
        if operator == "eq":
            made.append(lambda value, wanted=operand: value == wanted)  # type: ignore[misc]
        elif operator == "in":
            made.append(lambda value, wanted=frozenset(operand): value in wanted)  # type: ignore[misc]
        elif operator == "gte":
            made.append(lambda value, least=operand: value >= least)  # type: ignore[misc]
        else:
            raise ValueError(f"the shipped scoring file does not use {operator}")
    return made


def _fits(icp: dict[str, Any], accounts: Path) -> dict[str, Fit]:
    points = [
        ([(field, holds) for field, test in rule["when"].items() for holds in _tests(test)], rule["points"])
        for rule in icp["points"]
    ]
    tiers = sorted(icp["tiers"].items(), key=lambda tier: -tier[1])
    fits = {}
    with accounts.open(newline="") as lines:
        for row in csv.DictReader(lines):
            fit = icp["base"] + sum(more for tests, more in points if all(holds(row[field]) for field, holds in tests))
            tier = next((name for name, least in tiers if fit >= least), "")
            fits[row["domain"]] = Fit(icp["decisions"].get(tier, "ignore"), tier)
    return fits
