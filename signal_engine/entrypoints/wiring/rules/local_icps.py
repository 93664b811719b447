"""The ICP files of this machine: the first start publishes them, and later they are only compared."""

from collections.abc import Sequence
from pathlib import Path

from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import LocalRulesIgnored
from signal_engine.engine.rules.log import RulesLog
from signal_engine.entrypoints.wiring.inputs import icp_texts
from signal_engine.entrypoints.wiring.rules.published import read_rules
from signal_engine.entrypoints.wiring.setting_types import paths
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config import icp_file
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.rules.fit_load import LoadedIcp
from signal_engine.wire.rules.record import hash_of


async def local_icps(settings: Settings, policy: Policy, said: EventLog) -> tuple[LoadedIcp, ...]:
    """The ICP files of the settings, which are to be published; none once ICPs are, and then differences are said.

    Raises `ConfigurationError` for files that could not be in force together under `policy`.
    """
    files = paths(settings.icps)
    log = await read_rules(settings) if files else None
    if log is None:  # without the topic nothing is published
        return ()
    if log.current_icps is not None:
        _say_ignored(files, log, said)
        return ()
    texts = icp_texts(files)
    parsed = zip(files, texts, strict=True)
    icp_file.together([icp_file.parse(path, one.text.encode(), policy) for path, one in parsed])
    return texts


def _say_ignored(files: Sequence[str], log: RulesLog, said: EventLog) -> None:
    """One warning for each file that differs from the published version; none where there is no file."""
    in_force = {icp: one.rule for icp, one in log.icps_in_force().items()}
    for path in files:
        try:
            (local,) = icp_texts([path])
            icp, _ = icp_file.parse(path, local.text.encode())
        except ConfigurationError:  # it is not read for anything else
            continue
        known = in_force.get(icp.icp)
        if known is None or known.named.hash != hash_of(local.text):
            said.write(
                LocalRulesIgnored(
                    file=path,
                    in_force=f"{icp.icp} version {known.named.version}" if known else f"no {icp.icp}",
                    advice=f"`signal-engine icp publish {Path(path)}` puts it into force",
                )
            )
