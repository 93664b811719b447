"""Accounts: a search, one account explained, and what people decided about it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from signal_engine.adapters.http.api.accounts import AccountEndpoints
from signal_engine.adapters.http.dashboard.account import account_page
from signal_engine.adapters.http.dashboard.acting import Viewer, account_acts
from signal_engine.adapters.http.dashboard.found import found_rows
from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.score.wording import one_line
from signal_engine.engine.door.door import Door
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.output.actions import in_force
from signal_engine.wire.output.crm_link import CrmLink

_MAX_FOUND_ACCOUNTS: Final = 30
"""Most accounts that a search shows."""
_NOT_FOUND: Final = "No account in the accounts file matches by name, CRM id or domain."


class AccountPages:
    """Answers for accounts; they are read from the store when asked for."""

    def __init__(
        self,
        store_snapshot: StoreSnapshot,
        accounts: AccountEndpoints,
        door: Door,
        renderer: Renderer,
        crm: CrmLink | None,
    ) -> None:
        self._store_snapshot = store_snapshot
        self._accounts = accounts
        self._door = door
        self._renderer = renderer
        self._crm = crm

    def routes(self) -> list[Route]:
        """Path -> page."""
        return [
            Route("/account", self.find),
            Route("/accounts", self.search_page),
            Route("/accounts/{account:path}", self.account_page),
            Route("/part/decided/{account:path}", self.decided_part),
        ]

    async def search_page(self, _: Request) -> Response:
        """Where to look up any account, on a list or not."""
        return self._renderer.page(None, "accounts.html", lambda: {"page": "accounts"})

    async def account_page(self, request: Request) -> Response:
        """One account, explained; cached for a few seconds while nothing it depends on changes."""
        found = await self._accounts.found(request.path_params["account"])
        rules, icps, ranks, _, group = self._store_snapshot.agreed
        places = tuple((name, ranked.get(found.name)) for name, ranked in ranks.items())
        viewer = self._renderer.viewer(request)
        made_of = (
            viewer,
            rules and rules.config_version,
            icps,
            places,
            group,
            *found.loaded.states,
            *found.loaded.fits,
            found.outcomes,
        )
        key = ("account", found.name, made_of, self._renderer.tens())
        if (page := self._renderer.kept_page(key)) is not None:
            return page
        explanation = await self._accounts.explained(found, administers=viewer.administers)
        acts = await self._acts(found.name, explanation["actions"], viewer)
        values = {"page": "account", "acts": acts, **account_page(explanation, self._crm)}
        return self._renderer.page(key, "account.html", lambda: values, viewer)

    async def decided_part(self, request: Request) -> Response:
        """What people decided about an account, also what the engine has yet to apply; and what the viewer may do."""
        found = await self._accounts.found(request.path_params["account"])
        try:
            (past,) = await self._door.history.past([found.name])
        except SignalEngineError:
            raise HttpProblem(503, "the actions cannot be read", headers={"Retry-After": "2"}) from None
        decided = in_force(past.in_force.at(self._store_snapshot.clock()))
        acts = await self._acts(found.name, decided, self._renderer.viewer(request))
        return self._renderer.part("part_decided.html", acts=acts)

    async def find(self, request: Request) -> Response:
        """Find an account by domain, or by part of its name, CRM id or domain, and go to its page."""
        given = dict(parse_qsl(request.scope["query_string"].decode("latin-1"))).get("name", "").strip()
        name = normalise(given)
        domain = None if isinstance(name, NotAnAccount) else name
        if domain is not None and (await self._accounts.found(domain)).is_known:
            return _to_account(domain)
        found = await self._accounts.called(given, _MAX_FOUND_ACCOUNTS + 1)
        if len(found) == 1:
            return _to_account(found[0].name)
        if found:
            values = {
                "page": "accounts",
                "given": one_line(given),
                "max_accounts": _MAX_FOUND_ACCOUNTS,
                "more": len(found) > _MAX_FOUND_ACCOUNTS,
                "rows": found_rows(found[:_MAX_FOUND_ACCOUNTS]),
            }
            return self._renderer.page(None, "found.html", lambda: values)
        if isinstance(name, NotAnAccount):
            raise HttpProblem(404, f"{_NOT_FOUND} As a domain, it {name.reason}.")
        return _to_account(name)

    async def _acts(self, account: str, decided: Sequence[Mapping[str, Any]], viewer: Viewer) -> dict[str, Any]:
        try:
            rules = await self._door.rulebook.rules_for([account])
        except StoreTrouble:
            raise HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"}) from None
        now = self._store_snapshot.clock()
        return account_acts(account, decided, viewer, rules.fits[account], rules.icps, now)


def _to_account(name: str) -> Response:
    return RedirectResponse(f"/accounts/{quote(name)}", 303)
