"""What every report is made of: its basis, the accounts it is shown, and rows of which the strongest are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal, NamedTuple, Protocol, TypeVar

from signal_engine.core.actions.log import ActionLog
from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.alerting.hand_raises import HandRaiseSeen
from signal_engine.core.delivery.team import Team
from signal_engine.core.fit.acted import by_rule
from signal_engine.core.fit.criteria import Examined
from signal_engine.core.fit.eligibility import kept_off
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.policy import COLD, Policy
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot
from signal_engine.core.sync.wiring import NO_WIRING, WiringFacts
from signal_engine.engine.fit.table import RowFacts
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.distribution import OffList
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.reported_account import ReportedAccount, ReportHead, ReportName
from signal_engine.wire.output.rounding import rounded
from signal_engine.wire.storage.activity import SourceActivity

Row = TypeVar("Row")
Walk = Literal["table", "states", "acted", "raises", "alerts", "outcomes", "nothing"]
"""What a report goes through: the accounts of the fit table, those with signals, those about which people decided
something, the hand raises, the alerts that were sent, the accounts of which people know what came of them, or
none."""


class ShortOf(NamedTuple):
    """How far an account is from what one ICP asks of it."""

    distance: float | None
    """How much its number must change; None if it is not a number, or not known."""
    would_be: str | None
    """The tier that its points would give; None below the lowest, or if not known."""


class Examiner(Protocol):
    """Says what speaks against accounts: from their fields, or from what is stored of their decisions."""

    @property
    def knows_all(self) -> bool:
        """Whether it names everything that speaks against an account, and not a part of it."""

    def examine(self, account: str, by_rule: Fit) -> Mapping[str, Examined]:
        """ICP -> what speaks against the account."""

    def near(self, account: str, icp: str, seen: Examined) -> ShortOf | None:
        """How far the account is from being chased, if a single criterion keeps it from it; else None."""


class DataGaps(NamedTuple):
    """What the source noticed of accounts files and events; empty where it does not know."""

    rows: Mapping[str, RowFacts] = {}
    """Account -> what its rows say of the file; not of each account."""
    other_titles: Mapping[str, int] = {}
    """Titles without persona, case-folded -> number of applied engagement signals."""
    engagement: int = 0
    """Number of applied engagement signals."""
    off_list: Sequence[OffList] = ()
    sources: Mapping[str, SourceActivity] = {}


NO_GAPS: Final = DataGaps()
"""Of a source that notices none."""


@dataclass(frozen=True)
class ReportBasis:
    """What holds for all accounts of a report."""

    at: int
    """The instant of evaluation, in ms."""
    config_version: str
    policy: Policy
    examiner: Examiner
    owners: Mapping[str, str]
    """ICP -> the e-mail of its owner."""
    lacks: Sequence[str] = ()
    """What the source does not know, as people read it."""
    max_rows: int | None = None
    """The first so many rows are kept; None: all."""
    gaps: DataGaps = NO_GAPS
    team: Team | None = None
    """The people of the routes file; None without one."""
    wiring: WiringFacts = NO_WIRING
    """What is known of the systems downstream, where the report is about them."""


class AlertSeen(NamedTuple):
    """An alert that was sent, and that somebody is to respond to."""

    account: str
    type: AlertType
    at: int
    """ms."""


class Beside(NamedTuple):
    """What a walk finds beside an account."""

    raises: Sequence[HandRaiseSeen] = ()
    outcomes: Sequence[AccountOutcome] = ()
    alerts: Sequence[AlertSeen] = ()
    active_at: int | None = None
    """ms."""


NOTHING_BESIDE: Final = Beside()
"""Of a walk that finds accounts alone."""


class SeenAccount(NamedTuple):
    """One account at the instant of the report."""

    snapshot: AccountSnapshot
    fit: Fit | None
    """As people's actions leave it."""
    state: Account
    log: ActionLog
    raises: Sequence[HandRaiseSeen] = ()
    """Of a walk through the hand raises: its own, in the order in which they arrived."""
    outcomes: Sequence[AccountOutcome] = ()
    """Of a walk through outcomes: its own, as they are known."""
    alerts: Sequence[AlertSeen] = ()
    """Of a walk through alerts: its own, oldest first."""
    active_at: int | None = None
    """Of a walk through alerts: when (ms) sales were last active, as the CRM says; None: nobody knows."""

    @property
    def name(self) -> str:
        """The account."""
        return self.snapshot.account

    @property
    def by_rule(self) -> Fit | None:
        """What the ICP files alone say; None if it is in no accounts file."""
        return by_rule(self.fit)

    @property
    def decided(self) -> bool:
        """Whether people took it off all lists: the rule need not be asked about it."""
        return self.fit is not None and self.fit.actions.hidden is not None


class ReportBuilder(Protocol):
    """Collects one report. It is asked which accounts it wants, and is shown those."""

    @property
    def walk(self) -> Walk:
        """What it goes through."""

    def wants(self, by_rule: Fit | None) -> bool:
        """Whether the report is about an account with this row (None: in no accounts file), as far as the row says.

        Asked once of each row in a walk through the table, and of each account with signals in a walk through those.
        """

    def add(self, one: SeenAccount) -> None:
        """Look at an account, once."""

    def document(self) -> Report:
        """The report, once all have been shown."""


class Rows(Generic[Row]):
    """The first rows by a key, of as many as there are. Memory: twice the rows kept."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._kept: list[tuple[Any, Row]] = []
        self.total = 0
        """All rows, kept or not."""

    def add(self, key: Any, row: Row) -> None:
        """Add a row; keys must differ."""
        self.total += 1
        self._kept.append((key, row))
        if self._most is not None and len(self._kept) >= 2 * self._most:
            self._cut()

    def ranked(self) -> list[Row]:
        """The kept rows, in order."""
        self._cut()
        return [row for _, row in self._kept]

    def _cut(self) -> None:
        self._kept.sort(key=_key)
        if self._most is not None:
            del self._kept[self._most :]


def _key(kept: tuple[Any, Any]) -> Any:
    return kept[0]


def by_strength(one: SeenAccount, number: int = 0) -> tuple[float, str, int]:
    """The key of an account's row, or of its `number`-th: strongest first."""
    return -one.snapshot.score.raw, one.name, number


def in_market(one: SeenAccount) -> bool:
    """Whether an account is warm or hot, or pinned by a hand raise."""
    return one.snapshot.level != COLD or one.snapshot.pinned


def may_be_worked_on(fit: Fit, policy: Policy) -> bool:
    """Whether nothing but its fit keeps an account off lists."""
    return kept_off(fit, policy) is None


def reported(one: SeenAccount) -> ReportedAccount:
    """The fields of an account that every report has."""
    stands, fit = one.snapshot, one.fit
    last = stands.last_signal_at
    return {
        "account_id": one.name,
        "name": fit.name if fit else None,
        "owner": fit.owner if fit else None,
        "sdr": (fit.sdr or fit.owner) if fit else None,
        "relation": fit.relation if fit else PROSPECT,
        "level": stands.level,
        "score": rounded(stands.score.score),
        "why_now": stands.why_now.text if stands.why_now else None,
        "last_signal_at": None if last is None else format_instant(last),
    }


def head(name: ReportName, basis: ReportBasis, total: int) -> ReportHead:
    """What every report begins with."""
    return {
        "report": name,
        "at": format_instant(basis.at),
        "config_version": basis.config_version,
        "lacks": list(basis.lacks),
        "total": total,
    }
