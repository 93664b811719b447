"""The words of the review, for terminal and page alike."""

from typing import Final

from signal_engine.core.sync.wiring import ENOUGH_CHANGED
from signal_engine.wire.output.reports.review.documents import (
    DraftReviewed,
    IcpReviewed,
    MetricOfSegment,
    ResponseTime,
    Review,
    ReviewMetric,
    SegmentReviewed,
    SegmentVerdict,
    WiringReviewed,
)
from signal_engine.wire.output.words import DOWNSTREAMS_IN_WORDS, count, percent

VERDICTS: Final[dict[SegmentVerdict, str]] = {
    "promote": "promote",
    "cut": "cut",
    "mixed": "better in one, worse in another: decide",
    "no_difference": "no difference shown",
    "cannot_tell_yet": "cannot tell yet",
    "no_metric": "no metric was locked",
}
METRICS: Final[dict[ReviewMetric, str]] = {
    "win_rate": "Win rate",
    "cycle_days": "Days to win",
    "deal_size": "Deal size",
}

_CHANGES: Final = {
    "enters": "enter",
    "leaves": "leave",
    "decision": "get another decision",
    "tier": "get another tier",
}


def metric_value(one: MetricOfSegment) -> str:
    """The figure with its interval."""
    found = one["found"]
    if found is None:
        return "too few"
    value, low, high = (_metric_number(one["metric"], found[end]) for end in ("value", "low", "high"))
    sign = "" if one["claimed"] is None else f", {one['claimed']}"
    return f"{value} ({low} to {high}){sign}"


def _metric_number(metric: ReviewMetric, value: float) -> str:
    """One number of a metric, as people read it."""
    if metric == "win_rate":
        return percent(value)
    return f"${value:,.0f}" if metric == "deal_size" else f"{value:.0f}"


def segment_name(one: SegmentReviewed) -> str:
    """Its name."""
    return one["segment"] or "(no segment)"


def headline(review: Review) -> str:
    """What there is to decide, after which review is overdue, if any is."""
    today = review["at"][:10]
    late = [
        f"The review of {icp['icp']} was due on {day}." for icp in review["icps"] if (day := icp["review_by"]) < today
    ]
    return " ".join([*late, _to_decide(review)])


def _to_decide(review: Review) -> str:
    segments = [(icp["icp"], one) for icp in review["icps"] for one in icp["segments"]]
    parts = [
        f"{word} {', '.join(segment_name(one) for _, one in found)}"
        for verdict, word in (("promote", "promote"), ("cut", "cut"), ("mixed", "decide about"))
        if (found := [pair for pair in segments if pair[1]["verdict"] == verdict])
    ]
    if (decisions := review["decisions"]) is not None and decisions["total"]:
        proposals = sum(one["proposals"] for one in decisions["icps"])
        reviews = sum(one["reviews"] for one in decisions["icps"])
        waiting = [count(proposals, "proposal")] if proposals else []
        waiting += [f"{count(reviews, 'kill')} to look at again"] if reviews else []
        parts.append(f"answer {' and '.join(waiting)}")
    parts += [f"wire {one['icp']} into more systems" for one in review["wiring"] or () if one["status"] == "red"]
    if review["drafts"]:
        parts.append(f"publish or drop {count(len(review['drafts']), 'draft')}")
    if not parts:
        return "Nothing has to be decided: no segment may be said to differ, and nothing waits."
    return f"To decide: {'; '.join(parts)}."


def whole_words(icp: IcpReviewed) -> str:
    """What an ICP admitted and what came of it."""
    whole = icp["whole"]
    rate = whole["win_rate"]
    won = f"{whole['won']:,} won and {whole['lost']:,} lost"
    if rate["rate"] is not None and rate["low"] is not None and rate["high"] is not None:
        won += f", a win rate of {percent(rate['rate'])} ({percent(rate['low'])} to {percent(rate['high'])})"
    return f"{count(whole['admitted'], 'account')} admitted; {won}; {whole['open']:,} open"


def needed_words(icp: IcpReviewed) -> str | None:
    """How many deals would tell; None where no segment is open or the number is unknown."""
    needed = icp["deals_needed"]
    if needed is None or not any(one["verdict"] == "cannot_tell_yet" for one in icp["segments"]):
        return None
    return f"a segment of half the deals that wins 1.5 times as often would show with about {needed:,} closed deals"


def wiring_words(one: WiringReviewed) -> str:
    """Which systems follow an ICP, and until when there is time."""
    done = one["systems"] - len(one["waiting"])
    said = f"{done} of {one['systems']} systems have changed with version {one['version']}"
    if one["status"] == "red":
        said += f", too few of them by {one['due_at'][:10]}"
    elif one["status"] == "amber":
        said += f"; {ENOUGH_CHANGED} are to by {one['due_at'][:10]}"
    if not one["waiting"]:
        return said
    return f"{said}. Not yet: {', '.join(DOWNSTREAMS_IN_WORDS[system] for system in one['waiting'])}"


def response_words(one: ResponseTime) -> str:
    """How soon."""
    if not one["hours"]:
        return "too few answers"
    low, median, high = one["hours"]
    return f"{median:g} hours (half of them within {low:g} to {high:g})"


def draft_words(one: DraftReviewed) -> str:
    """What it changes."""
    told = (f"{many:,} {_CHANGES.get(word, word)}" for word, many in one["changes"].items() if many)
    changes = ", ".join(told) or "no account changes"
    return f"{changes}; alerts {one['alerts_before']:,} before, {one['alerts_after']:,} after"
