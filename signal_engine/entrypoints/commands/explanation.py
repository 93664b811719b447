"""The explanation of one account at the end of a replay."""

from collections.abc import Sequence
from typing import cast

import orjson

from signal_engine.core.alerting.plays import Play, next_step
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.ranking import not_listed
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.inputs import Inputs
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.explanations import explanation
from signal_engine.wire.output.operations.explain import ExplainDocument, ExplainedReplay


class NothingToExplain(SignalEngineError, ValueError):
    """The replay read no event."""


def explain_account(run: ReplayRun, name: str, inputs: Inputs, plays: Sequence[Play]) -> ExplainDocument:
    """Score, parts, fit and reasons of account `name` at the end of `run`. Raises `NothingToExplain`."""
    verdicts = run.verdicts
    if verdicts is None:
        raise NothingToExplain("no events to score")
    fit = inputs.fits.get(name)
    snapshot = run.replay.snapshot(name, verdicts.until)
    lists = {}
    for ranked in verdicts.lists.values():
        rank = ranked.rank_of(name)
        why_not = not_listed(
            fit, ranked.name, snapshot.level, snapshot.score.score, rank, inputs.scoring.policy, pinned=snapshot.pinned
        )
        lists[ranked.name] = (rank, why_not)
    step = next_step(plays, snapshot, fit, inputs.scoring.policy)
    document: ExplainedReplay = {
        "until": format_instant(verdicts.until),
        "config_version": inputs.scoring.config_version,
        **explanation(snapshot, fit, inputs.icps, lists, run.replay.no_alert(name, verdicts.until), step),
        "alerts": [alert for payload in run.alerts() if (alert := orjson.loads(payload))["account_id"] == name],
    }
    return cast("ExplainDocument", document)
