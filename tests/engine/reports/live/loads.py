"""`fit.accounts` in memory: rows go through a load, and stand in the topic beside what earlier loads left there."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any, Final

from signal_engine.engine.fit.loading import LoadSource, SpoolPlace, new_accounts
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.mover import icps_in_force
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.config import icp_file
from signal_engine.wire.config.accounts_file import AccountsFile, read_json_lines
from signal_engine.wire.rules.fit_load import AccountsLoad, LoadedIcp
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import T0

_BATCH_RECORDS: Final = 3
FILES: Final = (
    LoadedIcp(
        "saas.yaml",
        """
icp: saas
version: 3
owner: {name: Dana Reyes, email: dana@example.com}
review_by: 2027-02-20
must_have: {size: {gte: 200}, industry: {in: [Software]}}
disqualify: [{when: {country: NO}, reason: too far}]
base: 50
points: [{when: {crm: sf}, points: 20, label: runs a CRM}]
tiers: {A: 60, C: 45}
decisions: {A: chase, C: deprioritize}
""",
    ),
    LoadedIcp(
        "smb.yaml",
        """
icp: smb
version: 1
owner: {name: Kim Yu, email: kim@example.com}
review_by: 2027-02-20
must_have: {size: {lt: 100}, country: {ne: DE}}
base: 70
tiers: {A: 60}
decisions: {A: chase}
""",
    ),
)
ICPS: Final = tuple(icp_file.parse(file.name, file.text.encode())[0] for file in FILES)


class _MemorySpool:
    def __init__(self) -> None:
        self._by_partition: dict[int, list[bytes]] = {}

    def add(self, partition: int, row: bytes) -> None:
        self._by_partition.setdefault(partition, []).append(row)

    def rows(self, partition: int) -> Iterator[bytes]:
        yield from self._by_partition.get(partition, [])


def _partition_of(account: str) -> int:
    return int(account.startswith("x"))


class MemoryLoads:
    """The topic, of two partitions, as if it had never been compacted."""

    def __init__(self) -> None:
        self.records: dict[int, list[LoadedRecord]] = {0: [], 1: []}
        self.most_at_once = 0
        """Records that were handed over together at most."""

    async def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        """See `LoadedAccounts`."""
        for start in range(0, end, _BATCH_RECORDS):
            some = self.records[partition][start : min(end, start + _BATCH_RECORDS)]
            self.most_at_once = max(self.most_at_once, len(some))
            yield some

    async def load(self, rows: Sequence[dict[str, Any]]) -> FitInForce:
        """Load these accounts and no others; return what is in force by it."""

        def opened() -> AccountsFile:
            lines = [json.dumps(row).encode() for row in rows]
            return read_json_lines("accounts.jsonl", lines, asked(ICPS), whole=True)

        place = SpoolPlace(_MemorySpool(), 2, _partition_of)
        made = await new_accounts(LoadSource(opened), ICPS, place, None, lambda _: None)
        for number, had in self.records.items():
            had.extend(await made.changed(number, self.read(number, len(had))))
        ends = tuple(map(len, self.records.values()))
        return FitInForce(1, T0, made.accounts, icps_in_force(FILES), (), AccountsLoad(1, T0, made.accounts, ends), 0)
