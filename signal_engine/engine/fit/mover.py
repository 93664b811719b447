"""Move a whole load of accounts into force in Redis: the partitions' owners decide it from then on."""

from collections.abc import Callable, Sequence

from signal_engine.core.fit.icp import Icp
from signal_engine.engine.fit.alias_mover import Owners, settle_aliases, stage_aliases
from signal_engine.engine.fit.versions import quiet_versions
from signal_engine.engine.ports.controls import FIT, Controls
from signal_engine.engine.ports.rules_topic import End
from signal_engine.wire.config import icp_file
from signal_engine.wire.rules.fit_load import AccountsLoad, LoadedIcp
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, PublishedBy


def icps_in_force(files: Sequence[LoadedIcp]) -> tuple[IcpInForce, ...]:
    """ICP files as a version has them in force. Raises `ConfigurationError`."""
    return tuple(_in_force(icp_file.parse(file.name, file.text.encode())[0], file) for file in files)


async def move_load_into_force(
    controls: Controls,
    load: AccountsLoad,
    offset: int,
    icps: tuple[IcpInForce, ...],
    published: PublishedBy | None = None,
    *,
    owners: Owners,
    clock: Callable[[], int],
    end: End,
) -> FitInForce:
    """Put `load`, whose record is at `offset` of the topic `rules`, in force with `icps`; return what is in force now.

    `published` is the publication of `icps`, if they are not the load's own; `owners` gives the aliases of the load,
    and is asked only if they are needed; `clock` is in ms; `end` is the topic's.

    By compare-and-set: a load whose record lies further back than that in force changes nothing, unless the topic was
    made anew since. Safe to repeat. Raises `StoreTrouble`, and what `end` raises.
    """
    while True:
        stored = await controls.read(FIT)
        before = None if stored is None else FitInForce.decode(stored)
        if before is not None and await is_in_force(before, offset, end):
            return before
        version = (before.version if before else 0) + 1
        quiet = quiet_versions(before, version, quiet=load.quiet)
        aliases = await stage_aliases(controls, before, await owners(), clock())
        after = FitInForce(version, load.loaded_at, load.accounts, icps, quiet, load, offset, published, aliases)
        if await controls.replace(FIT, stored, after.encode()):
            return FitInForce.decode((await settle_aliases(controls, before, after, clock)).encode())


async def is_in_force(before: FitInForce, offset: int, end: End) -> bool:
    """Whether the load whose record is at `offset`, or a later one, is in force already.

    One that seems later, and lies behind the `end` of the topic, is of one that was there before it.
    """
    return before.load_offset == offset or (before.load_offset > offset and before.load_offset < await end())


def _in_force(icp: Icp, file: LoadedIcp) -> IcpInForce:
    return IcpInForce(
        icp.icp,
        icp.version,
        icp.owner_name,
        icp.owner_email,
        icp.review_by,
        icp.buying_group,
        file.name,
        file.text,
        icp.annual_review_by,
    )
