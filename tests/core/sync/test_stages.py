"""Stages of CRMs: what they make of an account is a relation that the accounts file knows."""

from typing import get_args

from signal_engine.core.rules.relations import Relation
from signal_engine.core.sync.stages import HUBSPOT_STAGES, SALESFORCE_STAGES, CrmRelation


def test_stages_name_relations_that_accounts_have() -> None:
    assert set(get_args(CrmRelation)) <= set(get_args(Relation))
    for stages in (HUBSPOT_STAGES, SALESFORCE_STAGES):
        assert set(stages.values()) <= set(get_args(CrmRelation))
        assert [stage for stage in stages if stage != stage.casefold()] == []
