"""Warnings about a scoring file and its ICP files, with file and line."""

from collections.abc import Iterator

from signal_engine.core.advice import DeadRules, advice
from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.policy import Policy
from signal_engine.core.rules.predicates import SELLS
from signal_engine.core.rules.problems import Problem
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.config.yaml_files import Document


def oddities(file: ScoringFile) -> tuple[str, ...]:
    """All warnings, one line each: `FILE:LINE: FIELD: warning`."""
    return file.document.placed([*advice(file.policy, dead_rules(file)), *_empty_lists(file)])


def empty_lists(file: ScoringFile) -> tuple[str, ...]:
    """A warning for each empty list of `sells` that a rule refers to."""
    return file.document.placed(_empty_lists(file))


def group_oddities(icp: Icp, document: Document, policy: Policy) -> tuple[str, ...]:
    """A warning for each member of an ICP's buying group that no title can match."""
    known = [persona.name for persona in policy.personas]
    return document.placed(
        Problem(
            ("buying_group", place),
            f"{name!r} is not a persona of the scoring file; its personas are {', '.join(known)}",
        )
        for place, name in enumerate(icp.buying_group)
        if known and name not in known
    )


def dead_rules(file: ScoringFile) -> DeadRules:
    """(kind, index) of the rules that can never hold, because a list they refer to is empty."""
    kinds = file.document.data["kinds"]
    return {
        (kind, index)
        for kind in file.policy.kinds
        for index, rule in enumerate(kinds[kind]["rules"])
        for asked in (rule.get("when") or {}).values()
        for operator, operand in (asked.items() if isinstance(asked, dict) else ())
        if operator != "not_in" and _is_empty(file, operand)
    }


def kinds_that_ask(file: ScoringFile) -> frozenset[str]:
    """The kinds with a rule that refers to a list of `sells`; only these have background signals."""
    return frozenset(
        kind
        for kind in file.policy.kinds
        for rule in file.document.data["kinds"][kind]["rules"]
        for asked in (rule.get("when") or {}).values()
        for operand in (asked.values() if isinstance(asked, dict) else ())
        if isinstance(operand, str) and operand.startswith(SELLS)
    )


def _is_empty(file: ScoringFile, operand: object) -> bool:
    if not isinstance(operand, str) or not operand.startswith(SELLS):
        return False
    return not file.policy.sells.get(operand.removeprefix(SELLS))


def _empty_lists(file: ScoringFile) -> Iterator[Problem]:
    for name, where in file.lists_referred.items():
        if not file.policy.sells.get(name):
            yield Problem(("sells", name), f"is empty, but {where} refers to it")
