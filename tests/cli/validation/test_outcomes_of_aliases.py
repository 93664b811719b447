"""An outcome on an alias is one of its account, as events and actions on it are."""

import json
from pathlib import Path

from signal_engine.core.rules.aliases import Aliases
from signal_engine.entrypoints.commands.validation.outcomes import outcomes_at


def test_an_outcome_on_an_alias_is_one_of_its_account(tmp_path: Path) -> None:
    path = tmp_path / "outcomes.jsonl"
    won = {"outcome_id": "o1", "opportunity_id": "d1", "stage": "won", "at": "2026-03-01T00:00:00Z", "source": "crm"}
    path.write_text(
        "".join(json.dumps({**won, "outcome_id": one, "account_id": one}) + "\n" for one in ("acme.de", "b.com"))
    )
    read = outcomes_at(str(path), Aliases.of({"acme.de": "acme.com"}))
    assert [(one.outcome_id, one.account) for one in read.outcomes] == [("acme.de", "acme.com"), ("b.com", "b.com")]
