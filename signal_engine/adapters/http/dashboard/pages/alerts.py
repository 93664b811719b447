"""The alert feed: a page, and the alerts that it fetches again."""

from typing import Any, Final, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.api.accounts import ALERT_FILTERS, AccountEndpoints
from signal_engine.adapters.http.api.lists import refuse_if_blind, whose_work
from signal_engine.adapters.http.dashboard.acting import Viewer
from signal_engine.adapters.http.dashboard.alerts import TYPES, alert_rows
from signal_engine.adapters.http.dashboard.pages.given import read_given
from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.dashboard.whose import whose
from signal_engine.adapters.http.description.parameters import number
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.instants import days
from signal_engine.engine.ports.history import FEED_DAYS
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.read_model.whose import EVERY_ALERT, AlertFilter

_ALERTS: Final = 100
"""Most alerts of the page."""
_DAYS: Final = number("days", 1, FEED_DAYS, "How far back.")
_FILTERS: Final = tuple(one for one in ALERT_FILTERS if one.name in AlertFilter._fields)
_PERIODS: Final = ((1, "the last 24 hours"), (7, "the last 7 days"), (14, "the last 14 days"))
"""(days, in words); none: as long as alerts are kept."""


class _AskedAlerts(NamedTuple):
    """What the page is to show."""

    wanted: AlertFilter
    days: int | None


class AlertPages:
    """Answers for the alert feed."""

    def __init__(
        self, store_snapshot: StoreSnapshot, accounts: AccountEndpoints, renderer: Renderer, team: Team | None
    ) -> None:
        """People are those of the `team`."""
        self._team = team or NO_TEAM
        self._store_snapshot = store_snapshot
        self._accounts = accounts
        self._renderer = renderer

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [Route("/alerts", self.alerts_page), Route("/part/alerts", self.alerts_part)]

    async def alerts_page(self, request: Request) -> Response:
        """The alert feed."""
        asked, viewer = self._asked(request), self._renderer.viewer(request)
        made_of = (
            asked,
            viewer.actor,
            viewer.administers,
            self._store_snapshot.agreed.icps,
            self._store_snapshot.served()[ALL].etag,
        )
        key = ("alerts", made_of, self._store_snapshot.alerted, self._renderer.tens())
        if (page := self._renderer.kept_page(key)) is not None:
            return page
        values = {"page": "alerts", **self._choices(asked, viewer), **await self._alerts(asked, viewer)}
        return self._renderer.page(key, "alerts.html", lambda: values)

    async def alerts_part(self, request: Request) -> Response:
        """The alerts of the feed."""
        asked, viewer = self._asked(request), self._renderer.viewer(request)
        key = ("part of alerts", asked, viewer.administers, self._store_snapshot.alerted, self._renderer.tens())
        if (part := self._renderer.cached_part(key)) is not None:
            return part
        values = await self._alerts(asked, viewer)
        return self._renderer.kept_part(key, "part_alerts.html", lambda: values)

    def _asked(self, request: Request) -> _AskedAlerts:
        refuse_if_blind(self._store_snapshot)
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1")))
        values = whose_work(read_given(given, (*_FILTERS, _DAYS)), self._team)
        back = values.pop(_DAYS.name, None)
        return _AskedAlerts(AlertFilter(**values), back)

    def _choices(self, asked: _AskedAlerts, viewer: Viewer) -> dict[str, Any]:
        """The filters of the page; what is chosen stays among them."""
        rules, wanted = self._store_snapshot.agreed.rules, asked.wanted
        tiers = [*rules.scoring_context.policy.lists.tier_weight] if rules else []
        icps = [icp.icp for icp in self._store_snapshot.agreed.icps]
        return {
            "whose": whose(self._store_snapshot.served()[ALL].entries, wanted.person, viewer.actor, self._team),
            "choices": [
                _choice("type", "Type", TYPES.items(), wanted.type),
                _choice("icp", "Profile", zip(icps, icps, strict=True), wanted.icp),
                _choice("tier", "Tier", zip(tiers, tiers, strict=True), wanted.tier),
                _choice(
                    "days",
                    "Since",
                    ((str(n), told) for n, told in _PERIODS),
                    None if asked.days is None else str(asked.days),
                ),
            ],
        }

    async def _alerts(self, asked: _AskedAlerts, viewer: Viewer) -> dict[str, Any]:
        now = self._store_snapshot.clock()
        since = None if asked.days is None else now - days(asked.days)
        found = await self._accounts.newest(since, _ALERTS, asked.wanted, administers=viewer.administers)
        filtered = asked != _AskedAlerts(EVERY_ALERT, None)
        return {"alerts": alert_rows(found, now), "filtered": filtered, "full": len(found) == _ALERTS}


def _choice(name: str, title: str, options: Any, chosen: str | None) -> dict[str, Any]:
    known = [*options]
    if chosen is not None and chosen not in (value for value, _ in known):
        known.append((chosen, chosen))
    return {"name": name, "title": title, "options": known, "chosen": chosen}
