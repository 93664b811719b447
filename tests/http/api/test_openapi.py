"""The OpenAPI document says what the API does: schemathesis asks whatever it allows, and what it does not."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.checks import positive_data_acceptance

from signal_engine.adapters.http.api.openapi import document
from signal_engine.adapters.http.api.operations import OPERATIONS
from signal_engine.adapters.http.ingest.operations import ingest_document
from tests.http.asking import ask
from tests.http.market import market
from tests.http.serving import Served, served

pytestmark = pytest.mark.xdist_group("http")
EXAMPLES = 30
ACCEPTED_IF_DESCRIBED = positive_data_acceptance
"""No schema says which fields belong to which action, or that an end lies in the future."""
OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
ASKED = [one for one in OPERATIONS if one.name != "events"]
"""A stream does not end by itself; `test_events` is about it."""


@pytest.fixture(scope="module")
def lively_server() -> Iterator[Served]:
    with served(market(90), actor="dana@example.com") as one:
        yield one


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize("operation", ASKED, ids=lambda one: one.name)
def test_what_is_asked_is_answered_as_described(operation, mode: str, lively_server: Served) -> None:
    schema = schemathesis.openapi.from_url(f"{lively_server.url}openapi.json")
    described = schema[operation.described_path][operation.method]
    cases = described.as_strategy(generation_mode=schemathesis.GenerationMode(mode))

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=cases)
    def answers(case: schemathesis.Case) -> None:
        case.call_and_validate(
            headers=OUR_PAGE, excluded_checks=[] if operation.body is None else [ACCEPTED_IF_DESCRIBED]
        )

    if mode == "negative" and not operation.query and operation.body is None:
        pytest.skip("there is nothing that could be wrong")
    answers()


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1), query=st.text())
def test_no_path_and_no_query_is_a_fault_of_ours(name: str, query: str, lively_server: Served) -> None:
    for path in ("v1/lists", "v1/accounts"):
        target = f"{path}/{quote(name, safe='')}?{quote(query, safe='=&')}"
        assert status_of(lively_server.url + target) in {200, 404, 422}


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=30) as result:
            return result.status
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize("described", [document, ingest_document], ids=["api", "ingest"])
def test_every_model_is_a_schema_and_every_reference_leads_somewhere(described) -> None:
    result = described()
    Draft202012Validator.check_schema({"$defs": result["components"]["schemas"]})
    text = str(result)
    for name in result["components"]["schemas"]:
        assert f"'#/components/schemas/{name}'" in text, f"{name} is used nowhere"
    used = {part.partition("'")[0] for part in text.split("#/components/schemas/")[1:]}
    assert used == result["components"]["schemas"].keys()


async def test_the_documents_that_are_answered_have_the_fields_described(app) -> None:
    result = document()["components"]["schemas"]
    entry = (await ask(app, "/v1/lists/all")).json["entries"][0]
    assert entry.keys() == result["Entry"]["properties"].keys()
    account = (await ask(app, f"/v1/accounts/{entry['account_id']}")).json
    assert account.keys() == {*result["AccountDocument"]["required"]}, "control_group is for administrators"
    alert = (await ask(app, "/v1/alerts")).json["alerts"][0]
    assert alert.keys() == result["Alert"]["properties"].keys()
