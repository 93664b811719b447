"""The OpenAPI document of `ingest` says what it does: schemathesis sends whatever it allows, and what it does not."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from signal_engine.adapters.http.ingest.operations import OPERATIONS, ingest_document
from tests.http.asking import ask
from tests.http.ingest.stand import Stand, event

EXAMPLES = 30
ACCEPTED_IF_DESCRIBED = positive_data_acceptance
"""The document does not repeat the fields of each kind: `schemas/` has them."""


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.name)
def test_what_is_sent_is_answered_as_described(operation) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", Stand(hosts=frozenset({b"testserver"})).app)
    described = schema[operation.described_path][operation.method]

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=described.as_strategy())
    def answers(case: schemathesis.Case) -> None:
        case.call_and_validate(excluded_checks=[] if operation.body is None else [ACCEPTED_IF_DESCRIBED])

    answers()


async def test_the_results_have_the_fields_described() -> None:
    schemas = ingest_document()["components"]["schemas"]
    answer = await Stand().post([event(), event(occurred_at="soon")])
    assert answer.json.keys() == schemas["IngestResult"]["properties"].keys()
    fields = {field for one in answer.json["results"] for field in one}
    assert fields == schemas["EventResult"]["properties"].keys()
    ready = (await ask(Stand().app, "/readyz")).json
    assert ready.keys() == schemas["IngestReady"]["properties"].keys()
