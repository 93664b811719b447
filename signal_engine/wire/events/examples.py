"""Events to show producers how they look; the tests send each through `decode`."""

from typing import Any, Final

EVENTS: Final[dict[str, list[dict[str, Any]]]] = {
    "intent": [
        {
            "kind": "intent",
            "event_id": "intent-2026-03-02-0001",
            "account_id": "acme.co.uk",
            "occurred_at": "2026-03-02T09:30:00Z",
            "source": "topic-panel",
            "topic": "data warehouse",
            "score": 82,
            "people": 4,
            "trend": "rising",
        },
        {
            "event_id": "intent-2026-03-02-0002",
            "account_id": "https://www.example.de/produkte",
            "occurred_at": "2026-03-02T10:30:00.250+01:00",
            "topic": "consent management",
            "score": 55.5,
            "confidence": 0.6,
        },
    ],
    "hiring": [
        {
            "kind": "hiring",
            "event_id": "job-88121",
            "account_id": "acme.co.uk",
            "account_name": "Acme Ltd",
            "occurred_at": "2026-02-27T00:00:00Z",
            "detected_at": "2026-02-28T04:12:09Z",
            "source": "job-boards",
            "source_url": "https://jobs.acme.co.uk/88121",
            "title": "VP Sales, EMEA",
            "department": "sales",
            "seniority": "vp",
            "location": "London",
            "posting_url": "https://jobs.acme.co.uk/88121",
            "status": "open",
        },
        {
            "event_id": "job-87004",
            "account_id": "jobs.acme.co.uk",
            "occurred_at": "2026-03-01T00:00:00Z",
            "title": "Data Engineer",
            "status": "closed",
        },
    ],
    "funding": [
        {
            "kind": "funding",
            "event_id": "round-5512",
            "account_id": "acme.co.uk",
            "occurred_at": "2026-01-20T08:00:00Z",
            "source": "funding-news",
            "source_url": "https://news.example.com/acme-series-b",
            "round": "series_b",
            "amount_usd": 24000000,
            "investors": ["North Quay Partners", "Example Ventures"],
        },
        {
            "event_id": "round-5519",
            "account_id": "example.org",
            "occurred_at": "2026-02-03T00:00:00Z",
            "round": "grant",
        },
    ],
    "engagement": [
        {
            "kind": "engagement",
            "event_id": "web-7f3a91",
            "account_id": "acme.co.uk",
            "occurred_at": "2026-03-02T11:02:41.318Z",
            "source": "website",
            "activity": "pricing_view",
            "persona": "finance",
            "page": "/pricing",
            "dwell_seconds": 74.5,
        },
        {
            "event_id": "form-1204",
            "account_id": "acme.co.uk",
            "occurred_at": "2026-03-02T11:05:00Z",
            "source": "website",
            "activity": "demo_request",
            "person_id": "p-20931",
            "persona": "vp_sales",
        },
    ],
    "technographic": [
        {
            "kind": "technographic",
            "event_id": "tech-acme-snowflake-2026-02",
            "account_id": "acme.co.uk",
            "occurred_at": "2026-02-11T00:00:00Z",
            "source": "tech-scan",
            "technology": "Snowflake",
            "change": "switched",
            "replaces": "Redshift",
            "confidence": 0.8,
        },
        {
            "event_id": "tech-example-hubspot-2026-02",
            "account_id": "example.org",
            "occurred_at": "2026-02-12T00:00:00Z",
            "technology": "HubSpot",
            "change": "adopted",
        },
    ],
    "leadership": [
        {
            "kind": "leadership",
            "event_id": "people-3310",
            "account_id": "acme.co.uk",
            "occurred_at": "2026-02-16T00:00:00Z",
            "source": "press",
            "source_url": "https://news.example.com/acme-cro",
            "role": "Chief Revenue Officer",
            "change": "joined",
            "level": "c_level",
        },
        {
            "event_id": "people-3312",
            "account_id": "example.org",
            "occurred_at": "2026-02-18T00:00:00Z",
            "role": "VP Engineering",
            "change": "left",
            "level": "vp",
            "person_id": "p-5121",
        },
    ],
}
"""Kind -> events. The first of each has its kind, as in an event file; the others are as on a topic."""

_IN_ATTRIBUTES: Final = ("kind", "event_id", "account_id", "occurred_at", "source")


def structured_cloudevent(event: dict[str, Any]) -> dict[str, Any]:
    """`event`, which must have a kind and a source, as a CloudEvent in structured mode."""
    return {
        "specversion": "1.0",
        "type": f"com.example.signals.{event['kind']}",
        "id": event["event_id"],
        "source": event["source"],
        "subject": event["account_id"],
        "time": event["occurred_at"],
        "datacontenttype": "application/json",
        "data": {field: value for field, value in event.items() if field not in _IN_ATTRIBUTES},
    }


def binary_cloudevent(event: dict[str, Any]) -> dict[str, Any]:
    """The headers and the value of the same in binary mode."""
    attributes = structured_cloudevent(event)
    value = attributes.pop("data")
    content_type = attributes.pop("datacontenttype")
    headers = {f"ce_{name}": text for name, text in attributes.items()}
    return {"headers": {**headers, "content-type": content_type}, "value": value}
