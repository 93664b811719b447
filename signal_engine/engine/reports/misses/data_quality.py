"""Gaps in accounts and events: nobody to call, merged rows, unread columns and titles, silent sources."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.reports.misses.reporting import ReportBasis, Rows, SeenAccount, Walk, head
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.report_documents import DataCheck, DataQuality, Finding

_MAX_EXAMPLES: Final = 5
_ALL: Final = "all accounts"
_CHASED: Final = "accounts to chase"
_LACKS: Final[dict[DataCheck, Callable[[Fit], bool]]] = {
    "no_owner": lambda fit: not fit.owner,
    "no_sdr": lambda fit: not fit.sdr,
    "nobody_calls": lambda fit: not (fit.owner or fit.sdr),
}


class DataQualityBuilder:
    """All findings, check by check, the largest first; merged accounts come last, since there can be many.

    Memory: a few numbers and names per check and column, and the merged accounts that are kept.
    """

    walk: Final[Walk] = "table"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._accounts = Counter[str]()
        self._found = Counter[tuple[DataCheck, str]]()
        self._examples: dict[tuple[DataCheck, str], list[str]] = {}
        self._unread = Counter[str]()
        self._rows = 0
        self._merged: Rows[Finding] = Rows(basis.max_rows)

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`: the row is all that is looked at."""
        if by_rule is None:
            return False
        self._look_at_rows(by_rule.account)
        for subject in (_ALL, _CHASED) if by_rule.unchased is None else (_ALL,):
            self._accounts[subject] += 1
            for check, lacks in _LACKS.items():
                if lacks(by_rule):
                    self._found[check, subject] += 1
                    self._note_example((check, subject), by_rule.account)
        return False

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""

    def document(self) -> DataQuality:
        """See `ReportBuilder`."""
        found = [
            *self._nobody_to_call(),
            *self._unread_columns(),
            *self._titles(),
            *(
                _finding("off_list", one["kind"], one["off_list"], one["events"])
                for one in self._basis.gaps.off_list
                if one["off_list"]
            ),
            *self._silent(),
        ]
        if merged := self._rows - self._accounts[_ALL]:
            found.append(_finding("merged_rows", _ALL, merged, self._rows))
        rows = [*found, *self._merged.ranked()][: self._basis.max_rows]
        return {**head("data-quality", self._basis, len(found) + self._merged.total), "rows": rows}

    def _look_at_rows(self, account: str) -> None:
        """Note what the rows of an account say of the file."""
        facts = self._basis.gaps.rows.get(account)
        self._rows += 1 if facts is None else facts.rows
        if facts is None:
            return
        self._unread.update(facts.unread)
        if facts.rows > 1:
            named = [f"CRM {crm_id}" for crm_id in facts.crm_ids] or [f"line {line}" for line in facts.lines]
            merged = _finding("merged_rows", account, facts.rows - 1, facts.rows, None, *named)
            self._merged.add((-facts.rows, account), merged)

    def _note_example(self, found: tuple[DataCheck, str], account: str) -> None:
        """Keep the first few accounts, by name."""
        examples = self._examples.setdefault(found, [])
        if len(examples) < _MAX_EXAMPLES or account < examples[-1]:
            examples.append(account)
            examples.sort()
            del examples[_MAX_EXAMPLES:]

    def _nobody_to_call(self) -> Iterator[Finding]:
        for check in _LACKS:
            for subject in (_ALL, _CHASED):
                if count := self._found[check, subject]:
                    examples = self._examples[check, subject]
                    yield _finding(check, subject, count, self._accounts[subject], None, *examples)

    def _unread_columns(self) -> Iterator[Finding]:
        for column in sorted(self._unread, key=lambda column: (-self._unread[column], column)):
            yield _finding("unread_column", column, self._unread[column], self._accounts[_ALL])

    def _titles(self) -> Iterator[Finding]:
        titles, engagement = self._basis.gaps.other_titles, self._basis.gaps.engagement
        for title in sorted(titles, key=lambda title: (-titles[title], title)):
            yield _finding("other_persona", title, titles[title], engagement)

    def _silent(self) -> Iterator[Finding]:
        sources = self._basis.gaps.sources
        silent = {name: one for name, one in sources.items() if one.is_silent(self._basis.at)}
        for name in sorted(silent, key=lambda name: (silent[name].last, name)):
            yield _finding("silent_source", name, silent[name].events, None, silent[name].last)


def _finding(
    check: DataCheck, subject: str, count: int, of: int | None = None, since: int | None = None, *examples: str
) -> Finding:
    return {
        "check": check,
        "subject": subject,
        "count": count,
        "of": of,
        "since": None if since is None else format_instant(since),
        "examples": list(examples[:_MAX_EXAMPLES]),
    }
