"""What a digest tells the owner of a rule: all that waits for them, however their address is written."""

from typing import Any, cast

import pytest

from signal_engine.entrypoints.commands.delivery.digesting import _misfits, _proposals
from signal_engine.wire.messages.digest import OwnersPart, digest
from tests.engine.digests.scene import FACTS, WEST


def decisions(owner: str | None, many: int) -> Any:
    row = {"question": "proposal", "rule_owner": owner, "by": "bo@example.com", "reason": "agency"}
    return {"rows": [{**row, "account_id": f"a-{number}.com"} for number in range(many)]}


@pytest.mark.parametrize(
    ("owner", "told"), [("west@example.com", 1), ("West@Example.com", 1), ("bo@example.com", 0), (None, 0)]
)
def test_an_address_is_the_same_however_it_is_written(owner: str | None, told: int) -> None:
    """The routes file has it in lower case, and the file of an ICP as somebody wrote it."""
    assert len(_proposals(cast("Any", decisions(owner, 1)), WEST)) == told


def test_what_is_not_shown_is_counted_whole() -> None:
    misfit = {"icp": "saas", "age_days": 3, "amount_usd": 5e4, "misfit": "not_fit", "criterion": None}
    misfits = {"rows": [{**misfit, "account_id": f"a-{number}.com"} for number in range(80)]}
    part = OwnersPart(
        _proposals(cast("Any", decisions(WEST.email, 120)), WEST), _misfits(cast("Any", misfits), {"saas"})
    )
    sections = {one.title: one for one in digest(FACTS._replace(owner=part), WEST.zone).sections}
    assert sections["Proposals against your rule"].more == 110
    assert sections["Open opportunities that do not fit"].more == 70
