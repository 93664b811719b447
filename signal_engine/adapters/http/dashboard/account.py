"""One account as a page shows it: why now, people, the parts of its score, fit, why and why not."""

from collections.abc import Mapping
from typing import Any, Final

from signal_engine.adapters.http.dashboard.alerts import alert_line
from signal_engine.adapters.http.dashboard.chart import chart
from signal_engine.adapters.http.dashboard.ranked_list import title_of
from signal_engine.adapters.http.dashboard.words import (
    bar_of,
    link,
    minute,
    name_of,
    relation_of,
    score_of,
    site,
    when,
)
from signal_engine.core.score.wording import one_line, title
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.outcomes.words import opportunity_in_words, outcome_in_words
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS, alerted_just_now
from signal_engine.wire.output.crm_link import CrmLink
from signal_engine.wire.output.words import seen, sentence

_STACK: Final = "stack"
_CEILING: Final = "ceiling"
_VERDICTS: Final = {
    "chase": "Fits: chase",
    "deprioritize": "Fits, not chased",
    "unknown": "Unknown",
    "ignore": "Does not fit",
}


def account_page(document: Mapping[str, Any], crm: CrmLink | None = None) -> dict[str, Any]:
    """The values of the page, from an answer of `/v1/accounts`; it links to the account in the `crm`."""
    now = parse_instant(document["until"])
    return {
        "account": {
            "name": name_of(document),
            "domain": document["account_id"],
            "site": site(document["account_id"]),
            "crm_id": one_line(document["crm_id"] or ""),
            "crm_url": crm.url(document["account_id"], document["crm_id"]) if crm else None,
            "facts": _facts(document),
            "badge": document["badge"],
            "level": document["level"],
            "since": when(document["since"], now),
            "until": when(document["cools_at"], now),
            "raised": when(document["hand_raised_at"], now),
            "pinned_until": when(document["pinned_until"], now),
            "why": one_line(document["why_now"] or ""),
            "why_at": when(document["why_now_at"], now),
            "next_step": document["next_step"],
            "score": score_of(document["score"]),
            "bar": bar_of(document["score"], document["parts"]),
            "at": minute(document["until"]),
            "suppressed": document["suppressed"],
            "held": words.control_group_in_words(document),
            "parts": [
                _part(part, document, now) for part in document["parts"] if part["part"] != _CEILING or part["points"]
            ],
            "lists": [
                {"list": title_of(one["list"]), "rank": one["rank"], "why": sentence(one["why_not_in_words"])}
                for one in document["lists"]
            ],
            "listed": any(one["rank"] for one in document["lists"]),
            "alert": _alert_now(document, now),
            "fit": [_icp(icp, document["until"]) for icp in document["fit"]],
            **_people(document, now),
        },
        "signals": [
            {
                "text": words.with_alias(one),
                "kind": one["kind"],
                "kind_in_words": words.signal_type(one["kind"]),
                "points": f"{one['points']:.2f}",
                "at": when(one["at"], now),
                "url": link(one.get("source_url")),
            }
            for one in document["history"]["signals"]
        ],
        "past": [alert_line(one, now) for one in document["alerts"]],
        "opportunities": [_opportunity(one, now) for one in document["outcomes"]["opportunities"]],
        "as_customer": [_outcome(one, now) for one in document["outcomes"]["as_customer"]],
        "chart": chart(document["history"]["scores"], document["history"]["signals"], document["score"], now),
    }


def _facts(document: Mapping[str, Any]) -> list[str]:
    """Facts from the accounts file, in short pieces."""
    named = (
        ("", relation_of(document)),
        ("Owner: ", document["owner"]),
        ("SDR: ", document["sdr"] if document["sdr"] != document["owner"] else None),
        ("", document["segment"]),
    )
    facts = [f"{what}{one_line(fact)}" for what, fact in named if fact]
    if document["parent"]:
        relation = words.relation(document["parent_relation"] or "in no accounts file")
        facts.append(f"Parent: {document['parent']} ({relation})")
    return facts


def _opportunity(one: Mapping[str, Any], now: int) -> dict[str, Any]:
    """An opportunity, and what happened in it, newest first."""
    return {
        "id": one_line(one["opportunity_id"] or ""),
        "result": one["result"],
        "said": one_line(opportunity_in_words(one)),
        "since": when(one["opened_at"], now),
        "outcomes": [_outcome(past, now) for past in reversed(one["outcomes"])],
    }


def _outcome(one: Mapping[str, Any], now: int) -> dict[str, Any]:
    return {
        "said": one_line(outcome_in_words(one)),
        "at": when(one["at"], now),
        "source": one_line(one["source"] or ""),
    }


def _alert_now(document: Mapping[str, Any], now: int) -> dict[str, Any]:
    """The alert of a moment ago; else why none is due."""
    alert = alerted_just_now(document["alerts"], document["until"])
    if alert is None:
        return {"just_now": "", "at": None, "why_none": sentence(document["why_no_alert_in_words"])}
    return {"just_now": ALERT_IN_WORDS[alert["type"]], "at": when(alert["at"], now), "why_none": ""}


def _people(document: Mapping[str, Any], now: int) -> dict[str, Any]:
    """People seen, their titles, and who of the buying group is missing."""
    group: list[Mapping[str, Any]] = next((icp["buying_group"] for icp in document["fit"] if icp["primary"]), [])
    return {
        "who": seen(document),
        "people": [
            {
                "persona": words.persona(one["persona"]),
                "called": title(one_line(one["called"])),
                "at": when(one["last_seen_at"], now),
                "active": one["persona"] in document["personas_live"],
            }
            for one in document["people"]
        ],
        "group": [{"persona": words.persona(one["persona"]), "seen": one["seen"]} for one in group],
    }


def _part(part: Mapping[str, Any], document: Mapping[str, Any], now: int) -> dict[str, Any]:
    """A part of the score with the lines that add up to it; stack and ceiling have a sentence instead."""
    notes = {_STACK: words.stack(document), _CEILING: words.CEILING}
    rest = ((words.OTHERS, part.get("others")), (words.SATURATED, part.get("saturated")))
    return {
        "part": part["part"],
        "part_in_words": words.signal_type(part["part"]),
        "points": _signed(part["points"]),
        "note": sentence(notes.get(part["part"])),
        "evidence": [
            {
                "text": words.with_alias(one),
                "points": _signed(one["points"]),
                "at": when(one["occurred_at"], now),
                "url": link(one.get("source_url")),
            }
            for one in part["evidence"]
        ],
        "rest": [{"text": text.capitalize(), "points": _signed(points)} for text, points in rest if points],
    }


def _signed(points: float) -> str:
    """Two decimals, with a typographic minus."""
    return f"{points:.2f}".replace("-", "\N{MINUS SIGN}")


def _icp(icp: Mapping[str, Any], until: str) -> dict[str, Any]:
    tier = f", tier {icp['tier']}" if icp["tier"] else ""
    fit = "" if icp["fit"] is None else f", fit {icp['fit']:.0f}"
    return {
        "icp": icp["icp"],
        "version": icp["version"],
        "primary": icp["primary"],
        "verdict": f"{_VERDICTS[icp['decision']]}{tier}{fit}",
        "reasons": icp["reasons"],
        "owner": icp["icp_owner"],
        "review_by": icp["review_by"],
        "overdue": icp["review_by"] < until[:10],
    }
