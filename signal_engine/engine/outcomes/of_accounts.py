"""The outcomes of accounts as people read them: one on an alias is of the account that the alias means now.

They are kept under the domain that each names, since that of an alias mostly lies in another worker's partition.
"""

from collections.abc import Callable, Iterable, Sequence

from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.outcomes.opportunities import in_order
from signal_engine.engine.ports.history import OUTCOMES_KEPT
from signal_engine.engine.ports.store import Store
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.storage import outcomes as stored_outcomes


def merged(kept: Iterable[AccountOutcome], news: Iterable[AccountOutcome]) -> list[AccountOutcome]:
    """The outcomes of an account with further ones: of one id the first counts; the latest are kept, in order."""
    by_id = {one.outcome_id: one for one in kept}
    for one in news:
        by_id.setdefault(one.outcome_id, one)
    return in_order(by_id.values())[-OUTCOMES_KEPT:]


async def outcomes_of(
    store: Store, partition_of: Callable[[str], int], aliases: Aliases, accounts: Sequence[str]
) -> dict[str, list[AccountOutcome]]:
    """Account -> its outcomes, for those of `accounts` that have any. Raises `StoreTrouble`."""
    places: dict[int, list[str]] = {}
    for account in accounts:
        for domain in (account, *aliases.names_of(account)):
            places.setdefault(partition_of(domain), []).append(domain)
    found: dict[str, list[AccountOutcome]] = {}
    for number, domains in places.items():
        values = await store.outcomes(number, domains)
        found.update((one, stored_outcomes.decode(value)) for one, value in zip(domains, values, strict=True) if value)
    told: dict[str, list[AccountOutcome]] = {}
    for account in accounts:
        for domain in (account, *aliases.names_of(account)):
            if domain in found:
                own = (one._replace(account=account) for one in found[domain])
                told[account] = merged(told.get(account, ()), own)
    return told
