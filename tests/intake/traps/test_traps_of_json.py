"""Traps of exports in JSON, and of headers in another language (I3, I14, I15, I16)."""

import json

import pytest

from tests.intake.running import EXPORTS, clock, import_file, import_text, mapping_file

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")


def test_i3_headers_in_the_language_of_the_account_are_recognised(tmp_path):
    done = import_file(tmp_path, EXPORTS / "hubspot-companies-es.csv")
    assert done.code == 0, done.err
    assert "read as hubspot-companies" in done.err
    assert [one["crm_id"] for one in done.events] == ["1", "2"]


def test_i3_deals_and_reports_in_other_languages_are_recognised_and_say_what_english_ones_do(tmp_path):
    accounts = ("--accounts", EXPORTS / "hubspot-companies.csv", "--accounts-as", "hubspot-companies")
    ids = "Associated Company IDs (Primary)"  # stays English
    texts = {
        "hubspot-deals": (
            f"Datensatz-ID,Deal-Name,Deal-Phase,Abschlussdatum,Erstellungsdatum,{ids}\n"
            "1,A,Abgeschlossen und gewonnen,2026-06-12 16:20,2026-03-02 09:30,200000000001\n"
        ),
        "salesforce-report": (
            "Name der Opportunity;Phase;Schlusstermin;Accountname;Erstelldatum;Geschlossen;Gewonnen\n"
            "A;Vertrag;12.06.2026;Quillmarsh Systems;31.03.2026;1;1\n"
        ),
    }
    for name, text in texts.items():
        done = import_text(tmp_path, text, *accounts, "--timezone", "UTC", name=f"{name}.csv")
        assert f"read as {name}" in done.err
        assert [(one["account_id"], one["stage"]) for one in done.events] == [
            ("quillmarsh-systems.com", "opened"), ("quillmarsh-systems.com", "won"),
        ]  # fmt: skip


def test_i18_json_fields_that_are_not_read_and_paths_that_lead_nowhere_are_said(tmp_path):
    own = mapping_file(
        tmp_path,
        "mapping: own\nreads: json\nproduces: hiring\naccount: site.domain\nevent_id: [id]\noccurred_at: at\n"
        "fields: {title: title, department: departmnt, location: 'offices[?main].city | [0]'}\n",
    )
    row = {"id": 1, "site": {"domain": "acme.com"}, "at": WHEN, "title": "CFO", "department": "Finance",
           "offices": [{"main": True, "city": "Berlin"}]}  # fmt: skip
    lines = "\n".join(map(json.dumps, (row, {**row, "id": 2, "salary": 5})))
    done = import_text(tmp_path, lines, "--map", own, name="jobs.jsonl")
    assert len(done.events) == 2
    assert "Not mapped, and not kept: department, salary" in done.err
    assert "In none of the first rows: departmnt" in done.err
    assert not [line for line in done.err.splitlines() if line.split()[:2] == ["departmnt", "department"]]


def test_a_missing_column_is_one_line_however_often_it_is_used(tmp_path):
    text = "Record ID,Deal Name,Owner\n1,A,x\n"
    done = import_text(tmp_path, text, "--as", "hubspot-deals", "--timezone", "UTC")
    assert done.code == 2
    missing = [line for line in done.err.splitlines() if "there is no column" in line]
    named = sorted(line.partition("there is no column '")[2].partition("'")[0] for line in missing)
    assert named == ["Associated Company IDs (Primary)", "Close Date", "Create Date", "Deal Stage"]
    assert sum("add the column Associated Company to the view" in line for line in missing) == 1


def test_i14_of_four_timestamps_the_one_that_is_meant_counts_and_the_company_is_not_on_the_call(tmp_path):
    call = {
        "type": "page", "messageId": "m1", "userId": "u1", "properties": {"path": "/pricing"},
        "originalTimestamp": "2020-01-01T00:00:00Z", "sentAt": "2020-01-01T00:00:00Z",
        "receivedAt": "2026-11-27T10:00:05Z", "timestamp": "2026-11-27T10:00:00Z",
        "context": {"groupId": "g-1", "traits": {"website": "https://acme.com"}},
    }  # fmt: skip
    nameless = {**call, "messageId": "m2", "context": {"groupId": "g-1"}}
    lines = "\n".join(map(json.dumps, (call, nameless)))
    done = import_text(tmp_path, lines, "--as", "segment-rudderstack", name="calls.jsonl")
    assert [(one["account_id"], one["occurred_at"]) for one in done.events] == [("acme.com", "2026-11-27T10:00:00Z")]
    assert "account_id is missing" in done.refused[0], "a group id is no company"


WHEN = "2026-11-27T10:00:00Z"
PAGES = {
    "segment-rudderstack": (
        lambda n, path: {
            "type": "page", "messageId": f"m{n}", "timestamp": WHEN, "properties": {"path": path},
            "context": {"traits": {"website": "acme.com"}},
        },
        {
            "/pricing": "pricing_view", "/Pricing": "pricing_view", "/PLANS/team": "pricing_view",
            "/careers": "careers_view", "/Careers/4": "careers_view", "/careers/pricing": "careers_view",
            "/blog": "page_view", None: "page_view",
        },
    ),
    "posthog-webhook": (
        lambda n, path: {"event": "$pageview", "uuid": f"m{n}", "timestamp": WHEN, "path": path, "company": "acme.com"},
        {"/pricing": "pricing_view", "/Pricing": "pricing_view", "/blog": "page_view", None: "page_view"},
    ),
    "snowplow-enriched": (
        lambda n, path: {
            "event_name": "page_view", "event_id": f"m{n}", "true_tstamp": WHEN, "page_urlpath": path,
            "company_domain": "acme.com",
        },
        {"/pricing": "pricing_view", "/Pricing": "pricing_view", "/blog": "page_view", None: "page_view"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", PAGES)
def test_a_page_view_is_one_event_however_its_path_is_written(name, tmp_path):
    call, expected = PAGES[name]
    lines = "\n".join(json.dumps(call(n, path)) for n, path in enumerate(expected))
    done = import_text(tmp_path, lines, "--as", name, name="calls.jsonl")
    assert done.refused == [], done.err
    assert [one["activity"] for one in done.events] == [*expected.values()]


@pytest.mark.parametrize(
    ("group", "account"),
    [("acme.com", "acme.com"), ("https://www.Acme.com/", "acme.com"), ("g-1", "b.com"), (17, "b.com"), (None, "b.com")],
)
def test_i14_the_group_of_a_call_is_its_company_where_it_is_a_domain(group, account, tmp_path):
    call = {
        "type": "track", "event": "Signed Up", "messageId": "m1", "timestamp": WHEN,
        "context": {"groupId": group, "traits": {"email": "someone@b.com"}},
    }  # fmt: skip
    done = import_text(tmp_path, json.dumps(call), "--as", "segment-rudderstack", name="calls.jsonl")
    assert [one["account_id"] for one in done.events] == [account], done.err


def test_i15_tables_that_are_written_again_change_nothing(tmp_path):
    """GA4: microseconds, no event id, and no company but the one that a query of yours adds."""
    own = mapping_file(
        tmp_path,
        "mapping: ga4\nreads: json\nproduces: engagement\naccount: company_domain\n"
        "event_id: [user_pseudo_id, event_name, event_timestamp, batch_ordering_id]\n"
        "occurred_at: {from: event_timestamp, formats: [epoch_us]}\nconstants: {activity: page_view, source: ga4}\n",
    )
    row = {
        "event_name": "page_view", "event_timestamp": "1795773600123456", "user_pseudo_id": "1.2",
        "batch_ordering_id": 1, "company_domain": "acme.com",
    }  # fmt: skip
    rows = [row, {**row, "batch_ordering_id": 2}, {**row, "event_timestamp": "9" * 19}]
    first = import_text(tmp_path, json.dumps(rows), "--map", own, name="events_20261127.json")
    assert [one["occurred_at"] for one in first.events] == ["2026-11-27T10:00:00.123Z"] * 2
    assert len({one["event_id"] for one in first.events}) == 2
    assert "event_timestamp" in first.refused[0]
    again = import_text(tmp_path, json.dumps(rows[::-1]), "--map", own, name="events_20261127.json")
    assert sorted(one["event_id"] for one in again.events) == sorted(one["event_id"] for one in first.events)


def test_i16_a_delivery_of_ids_alone_is_refused_and_kept(tmp_path):
    """Coresignal: what changed is not in it, and has to be fetched."""
    own = mapping_file(
        tmp_path,
        "mapping: jobs\nreads: json\nproduces: hiring\naccount: company_website\nevent_id: [id]\n"
        "occurred_at: date_posted\nfields: {title: title}\n",
    )
    text = json.dumps([{"id": 1, "status": "updated"}, {"id": 2, "status": "deleted"}])
    done = import_text(tmp_path, text, "--map", own, name="ids.json")
    assert done.code == 1
    assert "nothing was imported" in done.err
    assert [json.loads(line)["id"] for line in done.refused] == [1, 2]


def test_a_document_that_is_all_on_one_line_is_read_to_its_end(tmp_path):
    """As an API answers it: longer than any line of a table may be."""
    own = mapping_file(
        tmp_path,
        "mapping: own\nproduces: intent\naccount: domain\nevent_id: [id]\noccurred_at: at\n"
        "fields: {topic: topic, score: score}\n",
    )
    rows = [
        {"domain": "acme.com", "id": id_, "at": WHEN, "topic": "CRM", "score": 60, "page": "x" * 900_000}
        for id_ in range(20)
    ]
    done = import_text(tmp_path, json.dumps(rows), "--map", own, name="export.json")
    assert len(done.events) == 20, done.err
