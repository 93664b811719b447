"""The companies: who works there, whom they hire, which tools they run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from signal_engine.simulation.dice import dice
from signal_engine.simulation.hours import hours_from_utc
from signal_engine.simulation.words import EXECUTIVE_ROLES, MONEY, TOPICS, USERS, VETOES

BUYER: Final = "buyer"
UNSURE: Final = "unsure"
"""Some field is unknown, or we may not call it."""
MISFIT: Final = "misfit"
CUSTOMER: Final = "customer"
"""It is a customer."""

_ENTERPRISE_FROM_EMPLOYEES: Final = 5_000
_SMALL_BELOW_EMPLOYEES: Final = 200
_VENTURE: Final = frozenset({"software", "internet services", "business services", "financial technology", "payments"})
_SOLD_TO: Final = _VENTURE | {"banking", "insurance"}
_NOT_CALLED: Final = frozenset({"partner", "competitor", "do_not_contact", "own"})
_YES: Final = frozenset({"true", "yes", "1"})

_STRANGERS: Final = (
    ("veldtharbor.com", "Veldtharbor", "United States"),
    ("kobaltwiese.de", "Kobaltwiese", "Germany"),
    ("pinmarrow.io", "Pinmarrow", "United Kingdom"),
    ("sorrelgate-group.com", "Sorrelgate Group", "United States"),
    ("ruskenfeld.at", "Ruskenfeld", "Austria"),
)


@dataclass(frozen=True, slots=True)
class Company:
    """One company as the generator sees it."""

    account: str
    name: str
    offset_hours: int
    """Hours from UTC to local time."""
    snapshot: str
    """`BUYER`, `UNSURE`, `MISFIT` or `CUSTOMER`: decides which stories it plays, and reaches no event."""
    employees: int
    """0 if unknown."""
    stage: str
    """Its stage of funding, a key of `words.ROUNDS`."""
    people: tuple[tuple[str, str], ...]
    """(person_id, title) of its buying group: three users, the champion first, then the buyer and another decider."""
    topics: tuple[str, ...]
    stack: frozenset[str]
    vacancy: tuple[str, str]
    """(role, level) of the executive position that may change hands."""


def companies(rows: Sequence[Mapping[str, str]], seed: int) -> tuple[Company, ...]:
    """The companies of an accounts file; the last row of an account counts, rows without an account are skipped."""
    last = {_account(row): row for row in rows}
    return tuple(_company(account, row, seed) for account, row in last.items() if account)


def strangers(seed: int) -> tuple[Company, ...]:
    """Companies that are in no accounts file."""
    rows = [{"account_id": account, "name": name, "country": country} for account, name, country in _STRANGERS]
    return companies(rows, seed)


def _company(account: str, row: Mapping[str, str], seed: int) -> Company:
    rng = dice(seed, "company", account)
    employees = _employees(row)
    industry = (row.get("industry") or "").lower()
    titles = (*rng.sample(USERS, 3), rng.choice(MONEY), rng.choice(VETOES))
    return Company(
        account=account,
        name=row.get("name") or account,
        offset_hours=hours_from_utc(row.get("country") or ""),
        snapshot=_standing(row, employees, industry),
        employees=employees,
        stage=_stage(employees, industry),
        people=tuple((f"p-{rng.getrandbits(32):08x}", title) for title in titles),
        topics=tuple(rng.sample(TOPICS, 4)),
        stack=frozenset(part.strip() for part in (row.get("tech_stack") or "").split(";") if part.strip()),
        vacancy=rng.choice(EXECUTIVE_ROLES),
    )


def _account(row: Mapping[str, str]) -> str:
    """The host of an account, since an accounts file may contain URLs."""
    text = (row.get("account_id") or row.get("domain") or "").strip().lower()
    return text.split("//")[-1].split("/")[0].removeprefix("www.")


def _employees(row: Mapping[str, str]) -> int:
    """0 when it is not known."""
    text = (row.get("employee_count") or "").replace(",", "").strip()
    return int(text) if text.isdecimal() else 0


def _standing(row: Mapping[str, str], employees: int, industry: str) -> str:
    relation, suppressed = (row.get("relation") or "").strip().lower(), (row.get("suppressed") or "").lower() in _YES
    if relation == "customer":
        return CUSTOMER
    if 0 < employees < _SMALL_BELOW_EMPLOYEES or (industry not in _SOLD_TO and industry != ""):
        return MISFIT
    is_known = employees and industry and row.get("country")
    return BUYER if is_known and not suppressed and relation not in _NOT_CALLED else UNSURE


def _stage(employees: int, industry: str) -> str:
    if employees >= _ENTERPRISE_FROM_EMPLOYEES or (industry not in _VENTURE and industry != ""):
        return "mature"
    return "young" if 0 < employees < _SMALL_BELOW_EMPLOYEES else "growing"
