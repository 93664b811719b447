"""`python -m bench.validation.scoring_speed`: 1,000 parameter sets on 1,000,000 signals, with time and memory.

The signals are laid out once. Then every set changes all points, half-lives and caps, so that nothing is shared; and
one number at a time. Beside it, the core judges a part of the same signals; last, all is fitted to winners by chance as
`calibrate --fit` does. Times are of this process's own CPU, so that whatever else runs does not count.
"""

import argparse
import resource
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np

from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.validation.calibration.choices import SET_SIZE
from signal_engine.engine.validation.calibration.fitting import fit
from signal_engine.engine.validation.calibration.layout import AccountAt, Arrived, layout
from signal_engine.engine.validation.calibration.parameters import ParameterSet, parameters_of
from signal_engine.engine.validation.calibration.scorer import Scorer
from signal_engine.wire.config import scoring_file

_DAY: Final = 86_400_000
_BEGIN: Final = 1_767_225_600_000
_DAYS: Final = 365
_A_ACCOUNT: Final = 50
_CORE_ACCOUNTS: Final = 1_000
_FIELDS: Final[list[tuple[str, dict[str, list[Any]]]]] = [
    ("intent", {"topic": ["crm", "erp", "bi"], "score": [65, 75, 90]}),
    ("engagement", {"activity": ["pricing_view", "form_fill", "email_click"], "persona": ["CFO", "Head of IT", "COO"]}),
    ("funding", {"round": ["a", "b"], "amount_usd": [5e7, 2e6]}),
    ("leadership", {"role": ["CRO", "CFO"], "change": ["joined"], "relationship": ["champion", "past_user"]}),
]


def main() -> None:
    """Prints times and memory."""
    parser = argparse.ArgumentParser(description="The vectorised scorer.")
    parser.add_argument("--signals", type=int, default=1_000_000)
    parser.add_argument("--sets", type=int, default=1_000)
    asked = parser.parse_args()
    policy = scoring_file.parse("config/scoring.yaml", Path("config/scoring.yaml").read_bytes()).policy
    rng = np.random.default_rng(1)
    arrived = {f"a{n}.com": [*_events(rng)] for n in range(asked.signals // _A_ACCOUNT)}
    at = _BEGIN + _DAYS * _DAY
    began = time.process_time()
    laid = layout(policy, arrived, [AccountAt(name, at) for name in arrived])
    print(f"laid out {laid.signals:,} signals of {laid.looks:,} accounts in {time.process_time() - began:.1f} s")
    scorer, numbers = Scorer(laid), parameters_of(policy)
    _timed(scorer, [_changed(numbers, rng) for _ in range(asked.sets)], "everything changed")
    _timed(scorer, [_one_changed(numbers, rng) for _ in range(asked.sets)], "one number changed")
    _core(policy, arrived, at, scorer, numbers)
    began = time.process_time()
    found = fit(policy, scorer, 1)
    told = f"{len(found.spoken)} numbers fitted to {laid.looks // SET_SIZE:,} deals"
    print(f"{told}: {time.process_time() - began:.1f} s")
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB, the events included")


def _timed(scorer: Scorer, sets: list[ParameterSet], words: str) -> None:
    began = time.process_time()
    total = sum(float(scorer.scores(numbers).sum()) for numbers in sets)
    took = time.process_time() - began
    print(f"{len(sets):,} sets, {words}: {took:.1f} s, {1000 * took / len(sets):.1f} ms each (sum {total:.6g})")


def _core(policy: Policy, arrived: dict[str, list[Arrived]], at: int, scorer: Scorer, numbers: ParameterSet) -> None:
    context, scores = ScoringContext(policy), []
    began = time.process_time()
    for name in [*arrived][:_CORE_ACCOUNTS]:
        account = Account()
        for now, event in arrived[name]:
            advance(account, event, now, None, context)
        scores.append(evaluate(account, at, policy).score)
    took = time.process_time() - began
    furthest = float(np.abs(scorer.scores(numbers)[: len(scores)] - np.array(scores)).max())
    whole = took / len(scores) * len(arrived)
    print(f"the core: {whole:.0f} s for one set, from {len(scores):,} accounts; greatest difference {furthest:.1e}")


def _events(rng: np.random.Generator) -> Iterator[Arrived]:
    for number, now in enumerate(sorted((_BEGIN + rng.integers(0, _DAYS * _DAY, _A_ACCOUNT)).tolist())):
        kind, fields = _FIELDS[int(rng.integers(len(_FIELDS)))]
        said = {name: values[int(rng.integers(len(values)))] for name, values in fields.items()}
        yield Arrived(now, Event("", kind, str(number), now - int(rng.integers(0, 3 * _DAY)), 1.0, said))


def _changed(numbers: ParameterSet, rng: np.random.Generator) -> ParameterSet:
    def times(values: Any) -> Any:
        return values * rng.uniform(0.75, 1.25, len(values))

    return ParameterSet(*(times(getattr(numbers, name)) for name in ParameterSet.__slots__))


def _one_changed(numbers: ParameterSet, rng: np.random.Generator) -> ParameterSet:
    parts = {name: getattr(numbers, name).copy() for name in ParameterSet.__slots__}
    part = parts[list(parts)[int(rng.integers(len(parts)))]]
    part[int(rng.integers(len(part)))] *= rng.uniform(0.75, 1.25)
    return ParameterSet(**parts)


if __name__ == "__main__":
    main()
