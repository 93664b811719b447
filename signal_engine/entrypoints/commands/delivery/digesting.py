"""The digests of people, out of the live engine: what each would be told now, against what they were last sent."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.sent_digests import RedisSentDigests
from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.digests.sending import last_of, row_name
from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.engine.digests.telling import NOTHING_WAITS, LastDigest, agreed_by, digest_facts, list_of
from signal_engine.engine.ports.delivery.sent_digests import SentDigests
from signal_engine.engine.read_model.account_view import AccountView, Agreed
from signal_engine.engine.reports.live.live_market import LiveMarket
from signal_engine.entrypoints.commands.accounts.sources import live_accounts
from signal_engine.entrypoints.commands.explanation import NothingToExplain
from signal_engine.entrypoints.wiring.connections import View, view_of
from signal_engine.entrypoints.wiring.delivery.stopped import stopped_digests
from signal_engine.entrypoints.wiring.kafka import accounts_loads
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.messages.digest import DigestFacts, OwnersPart
from signal_engine.wire.output.models import Entry
from signal_engine.wire.output.reports.decision_documents import Decisions, OpenDecision, PipelineMisfits
from signal_engine.wire.storage import sent_digests


@dataclass(frozen=True, slots=True)
class DigestSource:
    """The live engine at one instant, and what people were sent before."""

    view: View
    accounts: AccountView
    partitions: int
    agreed: Agreed
    entries: Sequence[Entry]
    sent: SentDigests
    stopped: StoppedDigests
    team: Team
    settings: Settings

    async def facts(self, member: TeamMember, last: LastDigest | None, now: int) -> DigestFacts:
        """What `member` is told at `now` (ms). Raises `StoreTrouble`, and what reading accounts in Kafka does."""
        listed = list_of(self.entries, member, self.team, now)
        owner = await self._owners_part(member, now)
        return await digest_facts(self.accounts, self.agreed, listed, member, last, now, owner)

    async def last(self, member: TeamMember, destinations: Iterable[str]) -> LastDigest | None:
        """What the person was last sent, at any of these destinations. Raises `StoreTrouble`."""
        found = [await self.sent.read(row_name(member, name)) for name in destinations]
        every = [last_of(sent_digests.decode(one)) for one in found if one is not None]
        return max((one for one in every if one is not None), key=lambda one: one.at, default=None)

    async def _owners_part(self, member: TeamMember, now: int) -> OwnersPart:
        """What waits for whoever owns a rule; nothing for everybody else."""
        owned = {icp.icp for icp in self.agreed.icps if _is(icp.owner_email, member)}
        if not owned:
            return NOTHING_WAITS
        market = LiveMarket(
            self.view.store,
            self.view.controls,
            self.view.fit_changes,
            self.partitions,
            loads=accounts_loads(self.settings),
            partition_of=partitioner(self.partitions),
        )
        decisions = cast("Decisions | None", await market.report("decisions", now))
        misfits = cast("PipelineMisfits | None", await market.report("pipeline-misfits", now))
        return OwnersPart(_proposals(decisions, member), _misfits(misfits, owned))


@asynccontextmanager
async def digest_source(settings: Settings, team: Team) -> AsyncIterator[DigestSource]:
    """Open the live engine as it is now. Raises `StoreTrouble`, and `NothingToExplain` where no list was published."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        view = view_of(generations, await generations.current() or 0)
        accounts, partitions = await live_accounts(view)
        agreed = await accounts.agreed()
        listed = await accounts.served(ALL)
        if agreed.rules is None or listed is None:
            raise NothingToExplain("nothing to tell yet: no list has been published on this Redis and prefix")
        sent, stopped = RedisSentDigests(channel, settings.prefix), stopped_digests(settings, channel)
        entries = listed["entries"]
        agreed = agreed_by(agreed, entries)
        yield DigestSource(view, accounts, partitions, agreed, entries, sent, stopped, team, settings)


def _is(owner: str | None, member: TeamMember) -> bool:
    """Whether the file of an ICP, which keeps capitals, means this person."""
    return owner is not None and owner.lower() == member.email


def _proposals(report: Decisions | None, member: TeamMember) -> tuple[str, ...]:
    rows = [] if report is None else [row for row in report["rows"] if _is(row["rule_owner"], member)]
    return tuple(map(_proposal, rows))


def _proposal(row: OpenDecision) -> str:
    said = "says that it does not fit" if row["question"] == "proposal" else "disqualified it, and the review is due"
    return f"{row['account_id']}: {row['by']} {said}" + (f": {row['reason']}" if row["reason"] else "")


def _misfits(report: PipelineMisfits | None, owned: set[str]) -> tuple[str, ...]:
    rows = [] if report is None else [row for row in report["rows"] if row["icp"] in owned]
    return tuple(
        f"{row['account_id']}: open for {row['age_days']} days{_amount(row)}, {row['misfit'].replace('_', ' ')}"
        + (f": {row['criterion']}" if row["criterion"] else "")
        for row in rows
    )


def _amount(row: Mapping[str, object]) -> str:
    amount = row["amount_usd"]
    return f", USD {amount:,.0f}" if isinstance(amount, float) else ""
