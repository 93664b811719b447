"""Rows of the fit table: what is written is read, and so is what the release before wrote."""

import orjson
import pytest

from signal_engine.core.fit.icp import Fit
from signal_engine.wire.storage import fit_rows
from tests.build import fit, fit_decision

PLAIN = fit()
FULL = Fit(
    "acme.com",
    (fit_decision(), fit_decision("unknown", None, None, "fintech")),
    name="Acme",
    segment="Mid",
    owner="Dana",
    crm_id="00123",
    suppressed=True,
    sdr="Bo",
    relation="open_opportunity",
    parent="holding.com",
    parent_relation="customer",
)


@pytest.mark.parametrize("one", [PLAIN, FULL])
def test_a_row_is_read_as_it_was_written(one):
    assert fit_rows.decode(fit_rows.encode(one)) == one
    assert fit_rows.encode(fit_rows.decode(fit_rows.encode(one))) == fit_rows.encode(one)


def test_a_row_of_version_1_is_of_a_prospect():
    _, account, decisions, *carried = orjson.loads(fit_rows.encode(FULL))
    read = fit_rows.decode(orjson.dumps([1, account, decisions, *carried[:5]]))
    assert (read.name, read.owner, read.suppressed) == ("Acme", "Dana", True)
    assert (read.sdr, read.relation, read.parent, read.parent_relation) == (None, "prospect", None, None)
    assert read.decisions == FULL.decisions


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[", id="cut short"),
        pytest.param(b"7", id="a number"),
        pytest.param(b"[3]", id="too short"),
        pytest.param(orjson.dumps([3, *orjson.loads(fit_rows.encode(FULL))[1:]]), id="a version to come"),
        pytest.param(orjson.dumps(orjson.loads(fit_rows.encode(FULL))[:-1]), id="a value is lacking"),
        pytest.param(orjson.dumps([1, *orjson.loads(fit_rows.encode(FULL))[1:]]), id="version 1 with more values"),
        pytest.param(orjson.dumps([[2], *orjson.loads(fit_rows.encode(FULL))[1:]]), id="a version that is a list"),
    ],
)
def test_another_row_is_refused(row):
    with pytest.raises(fit_rows.UnknownRowVersion):
        fit_rows.decode(row)
