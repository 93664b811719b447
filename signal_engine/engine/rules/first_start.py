"""What the first start publishes: the rules that there are already, so that they survive the store."""

from collections.abc import Sequence

from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.publishing import RuleRefused
from signal_engine.engine.rules.scoring_mover import first_scoring
from signal_engine.wire.config import icp_file
from signal_engine.wire.rules.fit_load import LoadedIcp
from signal_engine.wire.rules.record import CurrentIcps, IcpName, IcpVersion, Rule, Signed, hash_of
from signal_engine.wire.storage.in_force import ScoringInForce


def first_rules(in_force: ScoringInForce, icps: Sequence[LoadedIcp], signed: Signed, log: RulesLog) -> tuple[Rule, ...]:
    """The scoring file in force and the local ICP files, as far as the topic has no scoring file or no ICP.

    Nobody decided that anybody be called for it: alerts that the ICPs raise are recorded and not sent. Raises
    `RuleRefused` where both are published, and `ConfigurationError`.
    """
    rules: list[Rule] = []
    if log.current_scoring is None:
        rules += first_scoring(in_force, signed, log)
    if icps and log.current_icps is None:
        versions = [_version(one, signed) for one in icps]
        named = tuple(sorted(one.named for one in versions))
        rules += [*versions, CurrentIcps(1, named, quiet=True, signed=signed)]
    if not rules:
        raise RuleRefused("rules are published already")
    return tuple(rules)


def _version(file: LoadedIcp, signed: Signed) -> IcpVersion:
    icp, _ = icp_file.parse(file.name, file.text.encode())
    return IcpVersion(IcpName(icp.icp, icp.version, hash_of(file.text)), file.name, file.text, signed)
