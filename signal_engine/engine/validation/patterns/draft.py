"""The draft of a first ICP file: what may be claimed, each line with its evidence, and what could not be tested."""

import json
import re
from collections.abc import Iterator, Sequence
from math import log2
from typing import Any, Final, NamedTuple

from signal_engine.engine.validation.patterns.evidence import MIN_ACCOUNTS
from signal_engine.wire.output.reports.pattern_documents import PatternField, Patterns, PatternValue
from signal_engine.wire.output.reports.validation_documents import RateFound
from signal_engine.wire.output.words import count, percent

_STRONG: Final = 2.0
"""A value is required, or excludes, only where the ends of the intervals that face each other differ by so much."""
_BASE: Final = 40
_LEAST_POINTS: Final = 5
_MOST_POINTS: Final = 30
_POINTS_PER_DOUBLING: Final = 20
"""Points of a value whose odds of a win are twice those of the others."""
_MOST_UNTESTED: Final = 40
_WIDTH: Final = 110
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class DraftOf(NamedTuple):
    """Whose draft it is."""

    icp: str
    owner_name: str
    owner_email: str
    review_by: str
    """YYYY-MM-DD."""


class _Proposal(NamedTuple):
    field: str
    value: PatternValue


class _Proposed(NamedTuple):
    """What the claims come to, must-haves and disqualifiers apart."""

    must_have: list[_Proposal]
    disqualify: list[_Proposal]
    points: list[_Proposal]


def draft(report: Patterns, of: DraftOf) -> str:
    """The draft as YAML that `icp check` takes, with a comment per line that rests on evidence."""
    return "\n".join([*_head(report, of), "", *_criteria(_proposed(report["fields"])), "", *_untested(report)]) + "\n"


def _proposed(fields: Sequence[PatternField]) -> _Proposed:
    found = _Proposed([], [], [])
    for field in fields:
        above = [_Proposal(field["field"], one) for one in field["values"] if one["claimed"] == "above"]
        below = [
            _Proposal(field["field"], one)
            for one in field["values"]
            if one["claimed"] == "below" and _apart(one["others"], one["win_rate"])
        ]
        if field["numbers"]:  # bands and thresholds overlap: one line says it
            best = sorted([*above, *below], key=_order)[:1]
            above, below = [one for one in best if one in above], [one for one in best if one in below]
        if len(above) == 1 and _apart(above[0].value["win_rate"], above[0].value["others"]):
            found.must_have.extend(above)
            continue
        found.points.extend(above)
        found.disqualify.extend(below)
    return found


def _order(line: _Proposal) -> tuple[float, float]:
    rate, others = line.value["win_rate"]["rate"] or 0.0, line.value["others"]["rate"] or 0.0
    return line.value["p_value"] or 0.0, -abs(rate - others)


def _apart(better: RateFound, worse: RateFound) -> bool:
    low, high = better["low"], worse["high"]
    return low is not None and high is not None and low >= _STRONG * high


def _head(report: Patterns, of: DraftOf) -> Iterator[str]:
    study = report["study"]
    yield "# DRAFT of a first ICP, made by `icp patterns`. A person has to decide: read the evidence, try it with"
    yield "# `icp check`, and put it in force with `icp publish`."
    yield f"# {report['summary']}"
    of_accounts = _accounts(study["accounts_with_deals"])
    yield f"# {count(study['won'], 'deal')} won and {study['lost']:,} lost, of {of_accounts}."
    yield "# Claims hold together: the chance that any of them is false is 1 %. Values are compared one by one; two"
    yield "# that go together both show."
    yield ""
    yield f"icp: {of.icp}"
    yield "version: 1"
    yield f"owner: {{name: {_scalar(of.owner_name)}, email: {_scalar(of.owner_email)}}}"
    yield f"review_by: {of.review_by}"
    if (cycle := report["cycle_days"]) is not None:
        evidence = f"three in four of the {cycle['deals']:,} won deals took no longer"
        yield f"cycle_days: {max(1, round(cycle['high']))}  # {evidence}"
    else:
        yield "# cycle_days: fewer than 10 won deals say when they were created"
    yield "metrics: [win_rate, cycle_days, deal_size]"


def _criteria(found: _Proposed) -> Iterator[str]:
    if found.must_have:
        yield "must_have:"
        for line in found.must_have:
            yield f"  {_scalar(line.field)}: {_predicate(line.value['when'])}  # {_evidence(line.value)}"
    else:
        yield "# must_have: no value was so much better than the others that an account must have it"
    yield ""
    if found.disqualify:
        yield "disqualify:"
        for line in found.disqualify:
            won = f"won {line.value['won']:,} of {line.value['win_rate']['trials']:,} deals"
            when = f"{{{_scalar(line.field)}: {_predicate(line.value['when'])}}}"
            yield f"  - {{when: {when}, reason: {_scalar(won)}}}  # {_evidence(line.value)}"
    else:
        yield "# disqualify: no value was so much worse than the others that it excludes an account"
    yield ""
    yield f"base: {_BASE}"
    if found.points:
        yield "points:"
        for line in found.points:
            when = f"{{{_scalar(line.field)}: {_predicate(line.value['when'])}}}"
            label = f"{line.field} {line.value['value']}: wins more often"
            told = f"points: {_points(line.value)}, label: {_scalar(label)}"
            yield f"  - {{when: {when}, {told}}}  # {_evidence(line.value)}"
    else:
        yield "# points: no other value may be said to win more often"
    if found.points:
        yield f"tiers: {{A: {_BASE + _POINTS_PER_DOUBLING}, B: {_BASE}}}"
        yield "decisions: {A: chase, B: chase}"
    else:  # nothing could lift an account into A
        yield f"tiers: {{B: {_BASE}}}"
        yield "decisions: {B: chase}"


def _points(value: PatternValue) -> int:
    shrunk, others = value["shrunk"], value["others"]["rate"]
    if shrunk is None or not others or others >= 1:
        return _LEAST_POINTS
    odds = (shrunk["value"] / (1 - shrunk["value"])) / (others / (1 - others))
    return round(min(max(_POINTS_PER_DOUBLING * log2(odds), _LEAST_POINTS), _MOST_POINTS))


def _evidence(value: PatternValue) -> str:
    others = value["others"]
    return (
        f"won {_rate(value['win_rate'])} at {_accounts(value['accounts_with_deals'])}; others {_rate(others)};"
        f" adjusted p {value['p_value']:g}"
    )


def _rate(rate: RateFound) -> str:
    said = f"{rate['hits']:,} of {rate['trials']:,}"
    if rate["rate"] is None:
        return said
    return f"{said}, {percent(rate['rate'])} ({percent(rate['low'] or 0)} to {percent(rate['high'] or 0)})"


def _untested(report: Patterns) -> Iterator[str]:
    yield "# Hypotheses that these deals could not test. They are not wrong; nobody knows yet."
    for text in report["untested"][:_MOST_UNTESTED]:
        yield f"# - {_one_line(text)}"
    if (more := len(report["untested"]) - _MOST_UNTESTED) > 0:
        yield f"# - and {more:,} more; --json has all"
    for one in report["not_compared"]:
        yield f"# - {_one_line(one['field'])}: {one['why']}"


def untested(fields: Sequence[PatternField]) -> Iterator[str]:
    """What could not be told of each value, in words, fields in order."""
    for field in fields:
        values = [one for one in field["values"] if not one["overlaps"]]
        few = [one for one in values if one["win_rate"]["rate"] is None]
        narrow = [one for one in values if one["win_rate"]["rate"] is not None and one["p_value"] is None]
        told = [one for one in values if one["p_value"] is not None]
        alike = [one for one in told if one["claimed"] is None and not one["outcome_like"]]
        if outcome := [one for one in field["values"] if one["outcome_like"]]:
            yield f"{field['field']}: may have been written after the deals: {_named(outcome)}"
        if few:
            yield f"{field['field']}: cannot tell yet, fewer than 10 deals won or lost: {_named(few)}"
        if narrow:
            yield f"{field['field']}: cannot compare, fewer than {MIN_ACCOUNTS} accounts on one side: {_named(narrow)}"
        if alike:
            yield f"{field['field']}: compared, and not told from the others: {_named(alike)}"


def _named(values: Sequence[PatternValue]) -> str:
    said = ""
    for place, one in enumerate(values):
        word = f"{one['value']} ({one['won']:,} of {one['win_rate']['trials']:,})"
        if len(said) + len(word) > _WIDTH:
            return f"{said}, and {len(values) - place:,} more" if said else f"{len(values):,} values"
        said = f"{said}, {word}" if said else word
    return said


def _accounts(number: int) -> str:
    return count(number, "account")


def _predicate(when: dict[str, Any]) -> str:
    def operand(value: Any) -> str:
        return f"[{', '.join(map(_scalar, value))}]" if isinstance(value, list) else _scalar(value)

    return f"{{{', '.join(f'{operator}: {operand(value)}' for operator, value in when.items())}}}"


def _scalar(value: Any) -> str:
    if isinstance(value, str) and not _PLAIN.fullmatch(value):
        return json.dumps(value, ensure_ascii=False)  # YAML reads surrogates as they stand
    return json.dumps(value) if not isinstance(value, str) or value.casefold() in _WORDS else value


_WORDS: Final = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
"""That YAML does not read as text."""


def _one_line(text: str) -> str:
    return " ".join(text.split())
