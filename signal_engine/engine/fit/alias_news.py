"""What a load changes about aliases, and how many signals came under their own names so far. Changes nothing."""

from collections.abc import Mapping
from typing import NamedTuple

from signal_engine.engine.context.aliases import AliasesLost, aliases_in_force
from signal_engine.engine.fit.versions import FitVersions


class AliasNews(NamedTuple):
    """The aliases of a load, beside those in force."""

    aliases: int
    added: int
    """Those that mean another account than before, or none before."""
    removed: int
    """Those that are no aliases any more."""
    waiting_signals: int
    """Signals that count for the aliases themselves, since they came before these were aliases: the next rebuild gives
    them to the accounts. As far as their ids are remembered."""


async def alias_news(tables: FitVersions, owners: Mapping[str, str]) -> AliasNews:
    """`owners` are alias -> account, of the load. Raises `StoreTrouble`."""
    try:
        before: Mapping[str, str] = (await aliases_in_force(tables.controls)).owners()
    except AliasesLost:
        before = {}
    waiting = await tables.known([*owners])
    return AliasNews(
        aliases=len(owners),
        added=sum(before.get(alias) != account for alias, account in owners.items()),
        removed=len(before.keys() - owners.keys()),
        waiting_signals=sum(len(one.account.ids) for one in waiting.values()),
    )
