"""The published ICPs, moved into force: the accounts as loaded are decided by them, by the owners of the partitions."""

from typing import NamedTuple

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.fit.mover import icps_in_force
from signal_engine.engine.fit.versions import quiet_versions
from signal_engine.engine.ports.controls import FIT, Controls
from signal_engine.engine.ports.rules_topic import End
from signal_engine.engine.rules.log import Logged, RulesLog
from signal_engine.wire.rules.fit_load import LoadedIcp
from signal_engine.wire.rules.record import IcpVersion
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, PublishedBy, VersionPublished


class NothingToDecide(SignalEngineError):
    """The accounts in force are not in Kafka, so that no other ICP can decide them."""


class PublishedIcps(NamedTuple):
    """The ICPs that are to be in force."""

    icps: tuple[IcpInForce, ...]
    files: tuple[LoadedIcp, ...]
    by: PublishedBy
    quiet: bool
    """Whether the alerts that the change raises are recorded and not sent."""


def published_icps(log: RulesLog) -> PublishedIcps | None:
    """Those that `current/icp` names; None without one, or where the topic lacks a version. Raises
    `ConfigurationError` for a file that this release cannot read.
    """
    current, versions = log.current_icps, log.icps_in_force()
    if current is None or len(versions) < len(current.rule.icps):
        return None
    files = tuple(LoadedIcp(one.rule.name, one.rule.text) for _, one in sorted(versions.items()))
    rule = current.rule
    by = PublishedBy(current.offset, rule.publication, rule.signed.by, rule.signed.reason, current.timestamp)
    icps = tuple(icp._replace(published=_published(versions[icp.icp])) for icp in icps_in_force(files))
    return PublishedIcps(icps, files, by, rule.quiet)


def _published(one: Logged[IcpVersion]) -> VersionPublished:
    return VersionPublished(one.rule.signed.by, one.rule.signed.reason, one.timestamp)


def icps_by_publication(in_force: FitInForce) -> PublishedIcps | None:
    """Those in force, if they were published."""
    if in_force.published is None:
        return None
    files = tuple(LoadedIcp(icp.name, icp.text) for icp in in_force.icps)
    return PublishedIcps(in_force.icps, files, in_force.published, quiet=False)


async def move_icps(controls: Controls, log: RulesLog, end: End) -> None:
    """Bring the published ICPs into force, unless they are, or later ones. Without a load they wait for the first.

    `end` is the topic's. Raises `NothingToDecide`, `ConfigurationError`, `StoreTrouble`.
    """
    while (current := log.current_icps) is not None and (stored := await controls.read(FIT)) is not None:
        before = FitInForce.decode(stored)
        by = before.published
        if by is not None and current.offset <= by.offset and await log.knows(by.offset, end):
            return  # before they are parsed, since this is asked every second
        if (wanted := published_icps(log)) is None:
            return
        if before.load is None:
            raise NothingToDecide(
                "published ICPs wait: the accounts in force are not in Kafka; load them again with"
                " `signal-engine fit load ACCOUNTS`"
            )
        version = before.version + 1
        quiet = quiet_versions(before, version, quiet=wanted.quiet)
        after = before._replace(version=version, icps=wanted.icps, quiet=quiet, published=wanted.by)
        if await controls.replace(FIT, stored, after.encode()):
            return
