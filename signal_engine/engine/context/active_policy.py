"""The scoring file in force for all workers: agreed on at start, watched afterwards."""

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.ports.controls import SCORING, Controls
from signal_engine.wire.config import scoring_file
from signal_engine.wire.storage.in_force import ScoringInForce


class RulesChanged(SignalEngineError):
    """The scoring file's rules, half-lives or facets differ from those in the stored states."""

    exit_code = WRONG_USE


async def bring_into_force(controls: Controls, name: str, text: bytes, remembered_ids: int) -> Rules:
    """Bring the scoring file `name` into force for every worker.

    Raises `RulesChanged`, `ConfigurationError` for an invalid file, and `StoreTrouble`.
    """
    own = scoring_file.parse(name, text)
    while True:
        stored = await controls.read(SCORING)
        before = ScoringInForce.decode(stored) if stored is not None else None
        if before is not None and before.rules_hash != own.rules_hash:
            raise RulesChanged(
                f"{name}: its rules, half-lives or facets differ from those of {before.name} ({before.config_version})"
                " in the stored states. To use this file, rebuild the states with `signal-engine rebuild`"
            )
        if before is not None and before.config_version == own.config_version:
            return Rules(ScoringContext(own.policy, remembered_ids), own.config_version, before.sequence)
        sequence = before.sequence + 1 if before is not None else 1
        after = ScoringInForce(sequence, own.config_version, own.rules_hash, name, text.decode())
        if await controls.replace(SCORING, stored, after.encode()):
            return Rules(ScoringContext(own.policy, remembered_ids), own.config_version, sequence)


def check_release(in_force: ScoringInForce) -> None:
    """Raise `RulesChanged` if this release scores otherwise by the file in force than the one that brought it there."""
    own = scoring_file.parse(in_force.name, in_force.text.encode())
    if own.rules_hash != in_force.rules_hash:
        raise RulesChanged(
            f"{in_force.name}: this release scores otherwise by it than the one that wrote the stored states. To use"
            " this release, rebuild the states with `signal-engine rebuild`"
        )


def rules_of(in_force: ScoringInForce, remembered_ids: int) -> Rules:
    """The rules that another worker brought into force."""
    own = scoring_file.parse(in_force.name, in_force.text.encode())
    return Rules(ScoringContext(own.policy, remembered_ids), own.config_version, in_force.sequence)
