"""`/v1/lists` as a dashboard polls it."""

import csv
import io
import json
from typing import Any

import pytest

from tests.http.asking import ask
from tests.http.market import Market


async def test_a_list_is_served_byte_for_byte_as_it_was_published(app: Any, lively: Market) -> None:
    result = await ask(app, "/v1/lists/all")
    assert (result.status, result.body) == (200, await lively.controls.served("all"))
    assert result.headers["etag"] == f'"{result.json["version"]}"'
    assert result.headers["cache-control"] == "private, max-age=1"
    assert result.headers["content-type"] == "application/json"
    assert (await ask(app, "/v1/lists/all?limit=200")).body == result.body
    assert [one["list"] for one in (await ask(app, "/v1/lists")).json["lists"]] == [
        "all", "enterprise-fintech", "midmarket-saas",
    ]  # fmt: skip


@pytest.mark.parametrize("given", ['"{}"', "*", 'W/"{}"', '"other", "{}"'])
async def test_who_has_the_version_gets_304(app: Any, given: str) -> None:
    tag = (await ask(app, "/v1/lists/all")).headers["etag"]
    given = given.format(tag.strip('"'))
    for target in ("/v1/lists/all", "/v1/lists/all?limit=3&level=hot", "/v1/lists/all.csv"):
        result = await ask(app, target, if_none_match=given)
        assert (result.status, result.body, result.headers["etag"]) == (304, b"", tag)
        assert result.headers["cache-control"] == "private, max-age=1"


async def test_an_older_version_gets_the_list(app: Any) -> None:
    assert (await ask(app, "/v1/lists/all", if_none_match='"17"')).status == 200


async def test_filters_and_limit(app: Any) -> None:
    entries = (await ask(app, "/v1/lists/all")).json["entries"]
    for field in ("owner", "segment", "tier", "level"):
        value = entries[0][field]
        result = (await ask(app, f"/v1/lists/all?{field}={value.replace(' ', '+')}")).json
        assert result["entries"] == [entry for entry in entries if entry[field] == value]
    assert (await ask(app, "/v1/lists/all?limit=2")).json["entries"] == entries[:2]
    assert (await ask(app, "/v1/lists/all?owner=nobody")).json["entries"] == []


async def test_a_person_gets_what_they_own_call_or_have_claimed(app: Any) -> None:
    entries = (await ask(app, "/v1/lists/all")).json["entries"]
    for field in ("owner", "sdr"):
        person = entries[0][field]
        theirs = [one for one in entries if person in (one["owner"], one["sdr"], one["claimed_by"])]
        assert 0 < len(theirs) < len(entries)
        for spelled in (person, person.upper()):
            result = await ask(app, f"/v1/lists/all?person={spelled.replace(' ', '+')}")
            assert result.json["entries"] == theirs
    assert (await ask(app, "/v1/lists/all?person=nobody")).json["entries"] == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("limit=1.5", "limit"),
        ("limit=99999999999999999999", "limit"),
        ("limit=%D9%A3", "limit"),
        ("level=HOT", "level"),
        ("owner=", "owner"),
        ("limit=1&limit=2", "limit"),
        ("ower=x", None),
    ],
)
async def test_a_wrong_parameter_is_named_and_its_value_is_not(app: Any, query: str, named: str | None) -> None:
    result = await ask(app, f"/v1/lists/all?{query}")
    assert (result.status, result.headers["content-type"]) == (422, "application/problem+json")
    assert result.json["errors"][0].get("parameter") == named
    assert query.partition("=")[2] not in json.dumps(result.json) or query.endswith(("=", "0", "2"))


async def test_there_is_no_such_list(app: Any) -> None:
    for target in ("/v1/lists/nowhere", "/v1/lists/nowhere.csv", "/v1/lists/ALL"):
        result = await ask(app, target)
        assert (result.status, result.json["status"], result.json["title"]) == (404, 404, "Not Found")


async def test_before_anything_was_computed_there_is_an_empty_list() -> None:
    store_snapshot = Market().store_snapshot()
    assert await store_snapshot.poll()
    result = await ask(Market().app(store_snapshot=store_snapshot), "/v1/lists/all")
    assert (result.status, result.json["entries"], result.json["generated_at"]) == (200, [], None)
    assert (await ask(Market().app(store_snapshot=store_snapshot), "/v1/accounts/acme.com")).status == 404


async def test_csv_has_a_row_an_account_and_its_parts_add_up(app: Any) -> None:
    result = await ask(app, "/v1/lists/all.csv")
    assert result.headers["content-type"] == "text/csv; charset=utf-8"
    entries = (await ask(app, "/v1/lists/all")).json["entries"]
    rows = list(csv.DictReader(io.StringIO(result.body.decode("utf-8-sig"))))
    assert [row["account_id"] for row in rows] == [entry["account_id"] for entry in entries]
    parts = ("intent", "hiring", "funding", "engagement", "technographic", "leadership", "stack", "ceiling")
    for row in rows:
        assert round(sum(float(row[part] or 0) for part in parts), 2) == float(row["score"])
    shared = ("badge", "why_now", "why_now_at", "relation", "sdr", "owner", "level", "icp")
    assert [[row[field] for field in shared] for row in rows] == [
        [entry[field] for field in shared] for entry in entries
    ]


async def test_what_was_published_since_is_served_after_the_next_look() -> None:
    one = Market()
    await one.open()
    await one.history(30)
    await one.publish()
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    app = one.app(store_snapshot=store_snapshot)
    before = (await ask(app, "/v1/lists/all")).json
    one.now += 5_000
    await one.signal(before["entries"][-1]["account_id"])
    assert await one.publish()
    assert (await ask(app, "/v1/lists/all")).json == before
    await store_snapshot.poll()
    after = await ask(app, "/v1/lists/all", if_none_match=f'"{before["version"]}"')
    assert (after.status, after.json["version"] > before["version"]) == (200, True)


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("/v1/lists?x=1", "this endpoint takes no parameters"),
        ("/v1/alerts?x=1", "unknown parameter; the parameters are since, limit, type, person, icp, tier"),
        ("/v1/lists/all?Tier=A", "unknown parameter; the parameters are limit, owner, segment, tier, level, person"),
    ],
)
async def test_a_parameter_that_nobody_knows_is_said_in_plain_words(app: Any, target: str, why: str) -> None:
    result = (await ask(app, target)).json
    assert (result["status"], result["detail"], result["errors"]) == (
        422,
        "the query has invalid parameters",
        [{"detail": why}],
    )
