"""What `calibrate` does with the files it was given: thresholds for a capacity, or numbers fitted to outcomes.

Needs the extra `validation`.
"""

from pathlib import Path

from signal_engine.adapters.terminal import progress
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.outcomes.opportunities import WON
from signal_engine.engine.validation.calibration.capacity import Alerted, Market, alerted, calibration
from signal_engine.engine.validation.calibration.fit_report import FitFile, FitMarket, fitted
from signal_engine.engine.validation.calibration.layout import AccountAt, Arrived
from signal_engine.engine.validation.caveats import traces
from signal_engine.engine.validation.controls import matched
from signal_engine.engine.validation.deals import by_account
from signal_engine.engine.validation.panel import cycles, panel
from signal_engine.entrypoints.commands.validation.run import Past, known_fits, replay_alerts, replay_past
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.wire.output.reports.calibration_documents import Calibration
from signal_engine.wire.output.reports.fit_documents import Fitted


def thresholds(past: Past, capacity: int, since: int | None, *, per_person: bool) -> Calibration:
    """The threshold of hot for a capacity. Alerts count from `since` (ms), or from the first event."""
    known = known_fits(past)
    first: list[int] = []
    seen: dict[float, list[Alerted]] = {}

    def alerts_under(policy: Policy) -> list[Alerted]:
        enter = policy.levels.hot.enter
        if enter in seen:
            return seen[enter]
        alerts = seen[enter] = []

        def take(alert: Alert) -> None:
            if (one := alerted(alert)) is not None:
                alerts.append(one)

        with progress.reading(past.events, f"Replaying with hot from {enter:g}") as on_read:
            cut = replay_alerts(past, known, policy, take, on_read)
        first.append(past.until if cut.first is None else cut.first)
        return alerts

    begin = since
    if begin is None:
        alerts_under(past.scoring.policy)
        begin = first[0]
    if begin >= past.until:
        refuse(("there are no events before --until",))
    market = Market(known.fits, past.deals, cycles(past.icps), begin, past.until)
    return calibration(past.scoring.policy, market, capacity, alerts_under, per_person=per_person)


def numbers(past: Past, scoring: str, seed: int) -> Fitted:
    """Points, half-lives and caps of the file `scoring`, fitted to the won deals of the past."""
    with progress.reading(past.events, "Replaying") as on_read:
        replayed = replay_past(past, on_read, keep_events=True)
    seen = replayed.replayed
    market = panel(seen.mondays, seen.known.fits, by_account(seen.deals), seen.icps, seen.end)
    won = [deal for deal in seen.deals if deal.result == WON and int(market.at[0]) < deal.cut <= seen.end]
    found = matched(market, won, seed)
    looks: list[AccountAt] = []
    for case, controls, column in zip(found.case.tolist(), found.control.tolist(), found.monday.tolist(), strict=True):
        looks += [AccountAt(market.accounts[row], int(market.at[column])) for row in (case, *controls)]
    arrived = {name: [Arrived(one.now, one.event) for one in of] for name, of in replayed.arrived.items()}
    text = Path(scoring).read_text("utf-8-sig")
    file = FitFile(scoring, text, past.scoring.policy, past.scoring.config_version)
    return fitted(file, FitMarket(arrived, looks, found.unmatched, frozenset(traces(seen.cut.of_deals))), seed)
