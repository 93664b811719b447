"""Companies whose chance to buy is known by field value, and the deals that came of it: to try `icp patterns` on."""

from dataclasses import dataclass
from random import Random
from typing import Any, Final

from signal_engine.simulation.planted.market import BEGIN, Planted

_DAY: Final = 86_400_000
_INDUSTRIES: Final = ("Software", "Banking", "Retail", "Media", "Energy", "Logistics")
_COUNTRIES: Final = ("Germany", "France", "Spain", "Italy")
_TOOLS: Final = ("Salesforce", "HubSpot", "Snowflake", "Oracle", "SAP")


@dataclass(frozen=True)
class PlantedBuyers:
    """How the market is made."""

    seed: int
    accounts: int = 400
    deals: int = 600
    rate: float = 0.2
    """Chance that a deal is won ..."""
    software: float = 0.6
    """... at software companies ..."""
    small: float = 0.05
    """... and at companies of fewer than 50 people, whatever they do."""
    alike: float = 0.0
    """Share of accounts that always do as they did in their first deal."""
    shuffled: bool = False
    """Whether outcomes are those of other accounts, so that no field tells."""

    def chance(self, account: dict[str, Any]) -> float:
        """The planted chance that a deal of `account` is won."""
        if account["employees"] < 50:
            return self.small
        return self.software if account["industry"] == "Software" else self.rate

    def told(self) -> Planted:
        """Accounts and outcomes, without events; the same seed always gives the same."""
        rng = Random(self.seed)  # noqa: S311 (nothing secret)
        accounts = [self._account(rng, number) for number in range(self.accounts)]
        buyers = rng.sample(accounts, len(accounts)) if self.shuffled else accounts
        firm = {n: rng.random() < self.chance(buyers[n]) for n in range(self.accounts) if rng.random() < self.alike}
        outcomes: list[dict[str, Any]] = []
        for deal in range(self.deals):
            number = rng.randrange(self.accounts)
            won = firm.get(number, rng.random() < self.chance(buyers[number]))
            at = BEGIN + rng.randrange(300) * _DAY
            of = {"account_id": accounts[number]["account_id"], "opportunity_id": f"deal-{deal}"}
            outcomes.append({**of, "outcome_id": f"{deal}-opened", "stage": "opened", "at": at})
            closed = {"stage": "won" if won else "lost", "at": at + rng.randrange(20, 60) * _DAY, "amount_usd": 1000}
            outcomes.append({**of, "outcome_id": f"{deal}-closed", **closed})
        return Planted([], outcomes, accounts)

    def _account(self, rng: Random, number: int) -> dict[str, Any]:
        return {
            "account_id": f"buyer-{number}.com",
            "industry": rng.choice(_INDUSTRIES),
            "country": rng.choice(_COUNTRIES),
            "employees": rng.choice([20, 35, 80, 150, 300, 450, 700, 900, 2_000, 4_000]) + rng.randrange(10),
            "tools": rng.sample(_TOOLS, rng.randrange(1, 4)),
        }
