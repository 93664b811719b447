"""The report of `validate` as a page for people who decide: the verdict, then a picture per question."""

from typing import Any, Final

from markupsafe import Markup

from signal_engine.adapters.pages.plots import (
    IntervalPoint,
    LiftBar,
    PlotLine,
    histogram,
    lifts_plot,
    lines_plot,
    points_plot,
)
from signal_engine.adapters.pages.templates import templates
from signal_engine.core.alerting.alerts import AlertType
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.reports.validation_documents import EstimateFound, RateFound, Validation, Verdict
from signal_engine.wire.output.words import percent, points, signal_type

_VERDICTS: Final[dict[Verdict, str]] = {
    "predicts": "The score predicts",
    "cannot_tell_yet": "Cannot tell yet",
    "no_sign": "No sign that it predicts",
}
_PATHS: Final = {"won": "deals won", "lost": "deals lost", "controls": "no deal (controls)"}
_MOST_NAMED: Final = 25
_GROUPS: Final = (
    ("icp", "ICP"), ("tier", "Tier"), ("segment", "Segment"), ("owner", "Owner"), ("claimed", "Claimed"),
    ("alert", "Alert type"),
)  # fmt: skip


def page(report: Validation) -> str:
    """The page. It loads nothing."""
    environment = templates()
    environment.filters.update(
        rate=_rate, estimate=_estimate, share=_share, kind=signal_type, alert=_alert, instant=_day, points=_points
    )
    return environment.get_template("validation.html").render(
        report=report,
        verdict=_VERDICTS[report["verdict"]],
        plots={name: Markup(plot) for name, plot in _plots(report).items()},  # noqa: S704 (plots escape their texts)
        groups=[(title, report["groups"].get(name, [])) for name, title in _GROUPS],  # type: ignore[call-overload]
        paths=_PATHS,
        most=_MOST_NAMED,
    )


def _plots(report: Validation) -> dict[str, str]:
    plots = {"precision": _precision(report), "calibration": _calibration(report), "paths": _paths(report)}
    if report["lead_time"]["days"]:
        plots["lead"] = histogram(
            "Days from hot to a new deal", report["lead_time"]["days"], "days from hot to the deal"
        )
    bars = [
        LiftBar(
            signal_type(one["kind"]) + (" (trace?)" if one["trace"] else ""),
            found["value"],
            found["low"],
            found["high"],
            one["claimed"],
        )
        for one in report["kinds"]
        if (found := one["lift"]) is not None
    ]
    if bars:
        plots["kinds"] = lifts_plot("How much more often each kind was live before wins", bars)
    return {name: plot for name, plot in plots.items() if plot}


def _precision(report: Validation) -> str:
    points, chance = [], []
    for place, found in enumerate(report["precision"]):
        rate, words = found["opened"], f"first {found['k']} a week: {_rate(found['opened'])}"
        if rate["rate"] is not None and rate["low"] is not None and rate["high"] is not None:
            points.append(IntervalPoint(place, rate["rate"], rate["low"], rate["high"], words))
            chance.append((float(place), found["chance"] or 0.0))
    if not points:
        return ""
    ticks = [(float(place), f"{found['k']}") for place, found in enumerate(report["precision"])]
    any_account = PlotLine("chance", chance, "any account that fits, at the same dates")
    return points_plot(
        "Precision by accounts called per week", points, ticks, [any_account], "accounts called per week"
    )


def _calibration(report: Validation) -> str:
    steps = report["calibration"]
    points = [
        IntervalPoint(
            place, found["value"], found["low"], found["high"], f"score {one['score_from']:g} to {one['score_to']:g}"
        )
        for place, one in enumerate(steps)
        if (found := one["opened"]) is not None
    ]
    ticks = [(float(place), f"{one['score_from']:g}-{one['score_to']:g}") for place, one in enumerate(steps)]
    return points_plot("New deals by score", points, ticks, [], "score on a Monday") if points else ""


def _paths(report: Validation) -> str:
    lines = [
        PlotLine(path["group"], [(-one["weeks_before"], one["mean"]) for one in path["points"]], _PATHS[path["group"]])
        for path in report["paths"]
        if path["points"]
    ]
    won = next((path for path in report["paths"] if path["group"] == "won"), None)
    band = [(-float(one["weeks_before"]), one["low"], one["high"]) for one in won["points"]] if won else []
    if not lines:
        return ""
    ticks = [(-12.0, "12"), (-9.0, "9"), (-6.0, "6"), (-3.0, "3"), (-1.0, "1")]
    return lines_plot("Mean score before deals", lines, band, ticks, "weeks before the deal")


def _rate(rate: RateFound) -> str:
    if rate["rate"] is None:
        return f"{rate['hits']:,} of {rate['trials']:,} (too few for a rate)"
    return f"{percent(rate['rate'])} ({percent(rate['low'] or 0)} to {percent(rate['high'] or 0)})"


def _estimate(found: EstimateFound | None) -> str:
    return "too few" if found is None else f"{found['value']:.1f}x ({found['low']:.1f} to {found['high']:.1f})"


def _points(found: EstimateFound | None) -> str:
    return "too few" if found is None else points(**found)


def _share(share: float | None) -> str:
    return "" if share is None else percent(share)


def _alert(name: AlertType) -> str:
    return ALERT_IN_WORDS[name]


def _day(instant: Any) -> str:
    return str(instant)[:10]
