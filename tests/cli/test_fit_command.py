"""What `fit load` refuses before it looks for any server."""

from pathlib import Path

import pytest

from tests.cli.running import run


@pytest.mark.parametrize("by", ["ops", "", "ops @example.com", f"{'o' * 250}@example.com"])
def test_a_load_that_could_not_assign_afterwards_loads_nothing(tmp_path: Path, by: str) -> None:
    (tmp_path / "accounts.csv").write_text("domain\na.com\n")
    ran = run("fit", "load", tmp_path / "accounts.csv", "--assign", "--by", by)
    assert ran.code == 2
    assert f"Invalid value for --by: {by!r} is no e-mail address" in " ".join(ran.err.split())
    assert ran.out == ""
