"""The job in plain Python: what a user of any framework writes to have one explained score per account.

    value -> events.read() -> Event, or the word for why it is refused
    state, Event -> Job.decide() -> outcome, and what there is to tell

An account's state is a dict of JSON values, so that every framework can keep it in its own way. The formulas and the
rules are those of the engine's definition and scoring file: saturation, the buying group, personas, silence, hand
raises, triggers, inbound; signals are folded into one number a facet (forward decay), because keeping them all would
only be slower. What needs more than the state of one account is left out: pins, ranks, lists; so are evidence and its
words, alerts by time alone, and other currencies than US dollars.
"""

import json
from math import cbrt
from pathlib import Path
from typing import Any

import orjson
import xxhash

from bench.peers.configured import DAY, Kind, Rule, fits, kind, personas, worth
from bench.peers.events import Event

REMEMBERED = 1024

State = dict[str, Any]


class Job:
    """The scoring file, and the fit of every account, in memory."""

    def __init__(self, scoring: Path, icp: Path, accounts: Path) -> None:
        result = json.loads(scoring.read_text())
        self.kinds = {name: kind(one, result["sells"]) for name, one in result["kinds"].items()}
        self.persona_of, self.counts = personas(result["personas"])
        self.floor: float = result["stack"]["live_floor"]
        self.multipliers: list[float] = result["stack"]["multipliers"]
        self.group: int = result["stack"]["group"]["personas"]
        self.each: float = result["stack"]["group"]["each"]
        self.hot, self.warm = result["levels"]["hot"], result["levels"]["warm"]
        self.silence = self.hot["max_silence_days"] * DAY
        self.cooldown = result["alerts"]["cooldown_days"] * DAY
        self.hand_raise = result["alerts"]["hand_raise_hours"] * DAY / 24
        self.trigger = result["alerts"]["trigger_days"] * DAY
        self.pin = result["lists"]["pin_days"] * DAY
        self.weights: dict[str, float] = result["lists"]["tier_weight"]
        self.fits = fits(json.loads(icp.read_text()), accounts)

    def decide(self, state: State, event: Event, arrived: int) -> tuple[str, dict[str, Any] | None]:
        """Changes `state` by `event`: the outcome, and what there is to tell (a level that changed, an alert)."""
        kind = self.kinds[event.kind]
        now = max(arrived, state["now"])
        digest = xxhash.xxh3_64_intdigest(f"{event.kind}:{event.event_id}".encode())
        if digest in state["ids"]:
            return "duplicate", None
        if now - event.occurred_at > 6 * kind.half_life:
            return "expired", None
        fields = event.fields
        persona = self.persona_of(fields.get("persona")) if event.kind == "engagement" else "unknown"
        if event.kind == "engagement":
            fields["persona"] = persona
        rule = worth(kind, fields)
        points = rule.points * fields.get("confidence", 1.0)
        if points <= 0 or fields.get("status") == "closed" or fields.get("automated"):
            return "ignored", None

        state["now"] = now
        level, strengths = state["level"], self._strengths(state, now)
        if level != "cold":
            self._fall(state, self._stacked(state, strengths, now)[0], now)
        self._remember(state, digest, event.occurred_at + 6 * kind.half_life, now)
        at = min(event.occurred_at, now)
        kept = state["kinds"].setdefault(event.kind, [at, {}])
        facet = str(fields.get(kind.facet) or "unknown").strip().casefold()
        kept[1][facet] = kept[1].get(facet, 0.0) + points * 2.0 ** ((at - kept[0]) / kind.half_life)
        if points >= self.floor and (state["weighty_at"] is None or at > state["weighty_at"]):
            state["weighty_at"] = at
        strengths[event.kind] = _strength(kind, kept, now)  # the others have not changed
        score, raw, live = self._stacked(state, strengths, now)
        self._rise(state, score, live, now)
        fit = self.fits.get(event.account)
        if fit is not None and fit.decision == "chase":
            alert = self._alert(state, live, now, rule, persona, now - at)
        else:
            alert = self._inbound(state, now, rule, persona, now - at)
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
        return self._stacked(state, self._strengths(state, now), now)[0]

    def _strengths(self, state: State, now: int) -> dict[str, float]:
        return {name: _strength(self.kinds[name], kept, now) for name, kept in state["kinds"].items()}

    def _stacked(self, state: State, strengths: dict[str, float], now: int) -> tuple[float, float, list[str]]:
        """Score, the same before its ceiling, and what is live: kinds, the buying group."""
        total = sum(strengths.values())
        live = [name for name, strength in strengths.items() if strength >= self.floor]
        if len(self._personas(state, now, self.each)) >= self.group:
            live.append("buying_group")
        raw = total * self.multipliers[min(len(live), len(self.multipliers)) - 1] if live else total
        return min(100.0, raw), raw, live

    def _personas(self, state: State, now: int, least: float) -> list[str]:
        """Those known by name, who count, with at least so many points."""
        if (kept := state["kinds"].get("engagement")) is None:
            return []
        kind = self.kinds["engagement"]
        decay = 2.0 ** ((kept[0] - now) / kind.half_life)
        some = [persona for persona, s in kept[1].items() if _saturated(s * decay, kind.facet_cap) >= least]
        return [persona for persona in some if persona in self.counts]

    def _silent(self, state: State, now: int) -> bool:
        return state["weighty_at"] is None or now >= state["weighty_at"] + self.silence

    def _fall(self, state: State, score: float, now: int) -> None:
        if state["level"] == "hot" and (score < self.hot["exit"] or self._silent(state, now)):
            state["level"] = "warm"
        if state["level"] == "warm" and score < self.warm["exit"]:
            state["level"] = "cold"

    def _rise(self, state: State, score: float, live: list[str], now: int) -> None:
        if state["level"] == "hot":
            return
        if score >= self.hot["enter"] and len(live) >= self.hot["min_kinds"] and not self._silent(state, now):
            state |= {"level": "hot", "episode": state["episode"] + 1, "alerted": False, "named": []}
        elif state["level"] == "cold" and score >= self.warm["enter"] and len(live) >= self.warm["min_kinds"]:
            state["level"] = "warm"

    def _alert(self, state: State, live: list[str], now: int, rule: Rule, persona: str, age: int) -> str | None:
        """The first that no limit holds back: hand_raise, entered_hot, trigger, new_evidence."""
        hot = state["level"] == "hot"
        if self._raises(state, now, rule, persona, age):
            alert = "hand_raise"
        elif hot and not state["alerted"] and self._may_call(state, live, now):
            alert = "entered_hot"
        elif self._triggers(state, now, rule, age):
            alert = "trigger"
        elif hot and state["alerted"] and self._news(state, live, now):
            alert = "new_evidence"
        else:
            return None
        if hot:
            named = sorted({*state["named"], *self._named(state, live, now)})
            state |= {"alerted": True, "named": named, "alerted_at": now, "alerted_kinds": live}
        return alert

    def _inbound(self, state: State, now: int, rule: Rule, persona: str, age: int) -> str | None:
        return "inbound" if self._raises(state, now, rule, persona, age) else None

    def _raises(self, state: State, now: int, rule: Rule, persona: str, age: int) -> bool:
        raised = state["raised_at"]
        if not rule.act_now or age >= self.pin or (persona in raised and now - raised[persona] < self.hand_raise):
            return False
        raised[persona] = now
        return True

    def _triggers(self, state: State, now: int, rule: Rule, age: int) -> bool:
        last = state["triggered_at"]
        if not rule.trigger or age >= self.trigger or (last is not None and now - last < self.trigger):
            return False
        state["triggered_at"] = now
        return True

    def _may_call(self, state: State, live: list[str], now: int) -> bool:
        last = state["alerted_at"]
        return last is None or now - last >= self.cooldown or bool(set(live) - set(state["alerted_kinds"]))

    def _news(self, state: State, live: list[str], now: int) -> bool:
        return bool(set(self._named(state, live, now)) - set(state["named"]))

    def _named(self, state: State, live: list[str], now: int) -> list[str]:
        """What an alert names: what is live, and who."""
        return [*live, *(f"persona:{persona}" for persona in self._personas(state, now, self.floor))]

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
        "alerted_at": None, "alerted_kinds": [], "raised_at": {}, "triggered_at": None, "weighty_at": None,
    }  # fmt: skip


def _saturated(s: float, cap: float) -> float:
    """s / (1 + (s/cap)**3) ** (1/3), so written that it neither overflows nor passes the cap."""
    if s <= cap:
        return s / cbrt(1.0 + (s / cap) ** 3)
    return cap / cbrt(1.0 + (cap / s) ** 3)


def _strength(kind: Kind, kept: list[Any], now: int) -> float:
    ref, facets = kept
    decay = 2.0 ** ((ref - now) / kind.half_life)
    return _saturated(sum([_saturated(s * decay, kind.facet_cap) for s in facets.values()]), kind.cap)


def encode(result: dict[str, Any]) -> bytes:
    """What is told, as a record's value."""
    return orjson.dumps(result)
