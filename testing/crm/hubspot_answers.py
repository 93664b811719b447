"""Shapes of HubSpot's answers, as its client hubspot-sdk-python and its guides have them (version 2026-03)."""

from typing import Any

from aiohttp import web


def record(record_id: str, properties: dict[str, str], asked: list[str]) -> dict[str, Any]:
    """A record with the properties that were asked for."""
    return {"id": record_id, "properties": {name: properties.get(name) for name in asked}, "archived": False}


def association(deal: str, companies: list[str]) -> dict[str, Any]:
    """The companies of a deal, the primary one last."""
    labels = [[{"category": "HUBSPOT_DEFINED", "typeId": 341, "label": None}] for _ in companies]
    if labels:
        labels[-1].append({"category": "HUBSPOT_DEFINED", "typeId": 5, "label": "Primary"})
    to = [{"toObjectId": int(one), "associationTypes": label} for one, label in zip(companies, labels, strict=True)]
    return {"from": {"id": deal}, "to": to}


def error(category: str, **context: list[Any]) -> dict[str, Any]:
    """What an answer of 207 says of one input."""
    return {"status": "error", "category": category, "message": "as HubSpot says it", "context": context}


def batch(results: list[dict[str, Any]], errors: list[dict[str, Any]]) -> web.Response:
    """200, or 207 where something was wrong with some of the inputs."""
    told: dict[str, Any] = {"status": "COMPLETE", "results": results}
    if errors:
        told |= {"numErrors": len(errors), "errors": errors}
    return web.json_response(told, status=207 if errors else 200)


def problem(status: int, category: str) -> web.Response:
    """A refusal of the whole call."""
    told = {"status": "error", "category": category, "message": "as HubSpot says it", "correlationId": "1"}
    return web.json_response(told, status=status)


def too_many(policy: str, retry_after: str | None = None) -> web.Response:
    """429 by one of the limits (API usage guidelines); searches and the daily limit come without `Retry-After`."""
    told = {
        "status": "error", "message": "as HubSpot says it", "errorType": "RATE_LIMIT", "correlationId": "1",
        "policyName": policy, "requestId": "1",
    }  # fmt: skip
    return web.json_response(told, status=429, headers={"Retry-After": retry_after} if retry_after else None)
