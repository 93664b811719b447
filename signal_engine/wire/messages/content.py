"""The content of a message, the same for every medium: what a person reads in five seconds, then why it is so."""

import re
from collections.abc import Iterable, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from signal_engine.core.alerting.alerts import COOLED, HAND_RAISE, INBOUND, TRIGGER
from signal_engine.core.alerting.plays import HAND_RAISE_OCCASION, Play, first_play
from signal_engine.core.delivery.team import local_time
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.messages.behind_the_score import EvidencedPart, EvidenceLine, rest
from signal_engine.wire.messages.foreign_text import MOST, isolated, shown
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import triage_in_words
from signal_engine.wire.output.crm_link import CrmLink
from signal_engine.wire.output.models import Alert, Person

_POINTS: Final = re.compile(r"[+-][0-9]")
"""How a reason begins that gave or took points."""
_MOST_OF_A_FACT: Final = 400
"""Characters of a fact that is put together."""
_MOST_OF_A_ROLE: Final = 60
_DAY_FORM: Final = "%a %-d %b"
MOST_EVIDENCE: Final = 5
"""Lines of evidence in a chat: a person reads them in five seconds."""


class MessageContext(NamedTuple):
    """What a message says beyond its alert."""

    zone: tzinfo
    """In which instants are told: that of whom it is for."""
    person: str | None = None
    """Whom it is for; None where nobody in particular."""
    plays: Sequence[Play] = ()
    buying_group: Sequence[str] = ()
    """The personas that must say yes, of the alert's ICP."""
    fit_reasons: Sequence[str] = ()
    public_url: str = ""
    """Where people reach the dashboard; empty: no link to it."""
    crm: CrmLink | None = None


class MessageFact(NamedTuple):
    """One line of a message."""

    label: str
    text: str


class MessageLink(NamedTuple):
    """A page to go to."""

    label: str
    url: str


class Message(NamedTuple):
    """What every medium shows, in this order. All text is on one line and safe from invisible characters."""

    label: str
    """What it is: `Hot`, `Inbound`, `Trigger`, `Went quiet`."""
    account: str
    """Name, else domain."""
    beside: str
    """Domain and tier."""
    facts: tuple[MessageFact, ...]
    """Why now first."""
    evidence: tuple[EvidenceLine, ...]
    """Strongest first."""
    evidenced: tuple[EvidencedPart, ...]
    """The parts that the evidence makes up."""
    reasons: tuple[MessageFact, ...]
    """After the evidence: who, fit, since when, what to do."""
    links: tuple[MessageLink, ...]

    @property
    def headline(self) -> str:
        """`Hot: Acme (acme.com, tier A)`."""
        return f"{self.label}: {self.account} ({self.beside})"

    def rest(self, shown: int) -> tuple[str, ...]:
        """What to read after the first `shown` lines of evidence, so that points add up."""
        return rest(self.evidenced, self.evidence, shown)


def message(alert: Alert, context: MessageContext) -> Message:
    """The content of the message of `alert`."""
    domain, name = alert["account_id"], isolated(shown(alert["name"] or ""))
    tier = f"tier {shown(alert['tier'])}" if alert["tier"] else "no tier"
    return Message(
        label=_label(alert),
        account=name or domain,
        beside=f"{domain}, {tier}" if name else tier,
        facts=_facts(
            ("Why now", _why_now(alert, context)), ("Tipped by", _tipped_by(alert, context)), ("Score", _score(alert))
        ),
        evidence=_evidence(alert, context),
        evidenced=_evidenced(alert),
        reasons=_facts(
            ("Who", _who(alert)),
            ("Missing", _missing(alert, context)),
            ("Fit", _fit(alert, context)),
            ("Level", _level(alert, context)),
            ("For", _for(alert, context)),
            ("Next step", shown(next_step(alert, context.plays) or "", _MOST_OF_A_FACT)),
        ),
        links=_links(alert, context),
    )


def next_step(alert: Alert, plays: Sequence[Play]) -> str | None:
    """What whoever calls does, by the plays; None where nobody is to call."""
    if alert["type"] in {COOLED, INBOUND}:
        return None
    asked = alert["pinned"] or alert["type"] == HAND_RAISE
    return first_play(plays, alert["icp"], alert["segment"], HAND_RAISE_OCCASION if asked else _kind(alert))


def _kind(alert: Alert) -> str | None:
    """The kind of the signal that is why now; None where it is not among the evidence."""
    told = (alert["why_now"], alert["why_now_at"])
    every = (one for part in alert["parts"] for one in part["evidence"])
    return next((one["kind"] for one in every if (one["text"], one["occurred_at"]) == told), None)


def _label(alert: Alert) -> str:
    if alert["type"] == COOLED:
        return "Went quiet"
    if alert["type"] in {INBOUND, HAND_RAISE}:
        return "Inbound"
    if alert["type"] == TRIGGER and alert["badge"] in {"warm", "cold"}:
        return "Trigger"
    return alert["badge"].capitalize()


def _facts(*facts: tuple[str, str]) -> tuple[MessageFact, ...]:
    return tuple(MessageFact(label, text) for label, text in facts if text)


def _why_now(alert: Alert, context: MessageContext) -> str:
    return _dated(alert["why_now"], alert["why_now_at"], context)


def _tipped_by(alert: Alert, context: MessageContext) -> str:
    tipped = alert["tipped_by"]
    return "" if tipped is None else _dated(tipped["text"], tipped["occurred_at"], context)


def _dated(text: str, at: str | None, context: MessageContext) -> str:
    seen = isolated(shown(text))
    return seen if at is None or not seen else f"{seen} ({_day(at, context)})"


def _day(instant: str, context: MessageContext) -> str:
    return f"{local_time(parse_instant(instant), context.zone):{_DAY_FORM}}"


def _moment(instant: str, context: MessageContext) -> str:
    return f"{local_time(parse_instant(instant), context.zone):{_DAY_FORM} %H:%M %Z}"


def _score(alert: Alert) -> str:
    """`73 = hiring 30 + intent 25 + stack 18`: whole numbers that add up."""
    parts = alert["parts"]
    points = words.whole_parts(alert["score"], parts)
    told = ""
    for part, value in zip(parts, points, strict=True):
        if value:
            told += (" - " if value < 0 else " + " if told else "") + f"{words.signal_type(part['part'])} {abs(value)}"
    return f"{alert['score']:.0f} of 100" + (f" = {told}" if told else "")


def _evidence(alert: Alert, context: MessageContext) -> tuple[EvidenceLine, ...]:
    if alert["type"] == COOLED:
        return ()
    every = [(one["points"], part, one) for part in alert["parts"] for one in part["evidence"]]
    every.sort(key=lambda one: -one[0])
    return tuple(
        EvidenceLine(
            isolated(shown(one["text"])),
            f"{words.signal_type(part['part'])} {points:.0f}, {_day(one['occurred_at'], context)}",
            _web_address(one.get("source_url")),
            words.signal_type(part["part"]),
            round(points),
        )
        for points, part, one in every
    )


def _evidenced(alert: Alert) -> tuple[EvidencedPart, ...]:
    if alert["type"] == COOLED:
        return ()
    points = words.whole_parts(alert["score"], alert["parts"])
    return tuple(
        EvidencedPart(words.signal_type(part["part"]), whole, part.get("others", 0.0), part.get("saturated", 0.0))
        for part, whole in zip(alert["parts"], points, strict=True)
        if part["evidence"]
    )


def _web_address(url: str | None) -> str | None:
    """An http or https address that a medium can link to; None for anything else."""
    if url is None or not url.startswith(("https://", "http://")) or not url.isprintable() or " " in url:
        return None
    return url


def _who(alert: Alert) -> str:
    """The personas that count with their roles, newest first, then those seen too little; one alone is said first."""
    live = alert["personas_live"]
    counts = _personas(one for one in alert["people"] if one["persona"] in live)
    if not counts:
        return isolated(shown(words.sentence(words.who(dict(alert))), _MOST_OF_A_FACT))
    others = _personas(one for one in alert["people"] if one["persona"] not in live)
    alone = "one person only: " if len(live) == 1 else ""
    return f"{alone}{counts}" + (f"; seen too little to count: {others}" if others else "")


def _personas(people: Iterable[Person]) -> str:
    return isolated(shown(", ".join(_persona(one["persona"], one["called"]) for one in people), MOST))


def _missing(alert: Alert, context: MessageContext) -> str:
    """Who of the buying group has not been seen enough; of an account that went quiet it does not matter now."""
    return "" if alert["type"] == COOLED else ", ".join(map(shown, words.missing(dict(alert), context.buying_group)))


def _persona(name: str, called: str) -> str:
    persona, role = words.persona(shown(name, _MOST_OF_A_ROLE)), shown(called, _MOST_OF_A_ROLE)
    return persona if not role or role.casefold() == persona.casefold() else f"{persona} ({role})"


def _fit(alert: Alert, context: MessageContext) -> str:
    """The number, with what gave points; must-haves hold for everybody. Of one for triage, why no rep has it."""
    why_not = words.sentence(triage_in_words(dict(alert)))
    if alert["fit"] is None:
        return why_not
    told = f"{alert['fit']:.0f} of 100 by {shown(alert['icp'] or '')}, version {alert['icp_version']}"
    gave = "; ".join(shown(reason) for reason in context.fit_reasons if _POINTS.match(reason))
    return " ".join(filter(None, (why_not, shown(f"{told}: {gave}" if gave else told, _MOST_OF_A_FACT))))


def _level(alert: Alert, context: MessageContext) -> str:
    if alert["since"] is None:
        return ""
    since = f"{alert['level']} since {_moment(alert['since'], context)}"
    ends = alert["cools_at"]
    return since if ends is None else f"{since}, until {_day(ends, context)} without new signals"


def _for(alert: Alert, context: MessageContext) -> str:
    if alert["audience"] == "triage":
        return "triage"
    claimed = alert["claimed_by"]
    if context.person is None:
        return shown(claimed or (alert["owner"] if alert["audience"] == "owner" else alert["sdr"]) or alert["audience"])
    return shown(context.person) + (" (claimed)" if claimed else "")


def _links(alert: Alert, context: MessageContext) -> tuple[MessageLink, ...]:
    links = []
    if context.public_url:
        links.append(MessageLink("Open account", f"{context.public_url.rstrip('/')}/accounts/{alert['account_id']}"))
    crm = None if context.crm is None else context.crm.url(alert["account_id"], alert["crm_id"])
    if crm is not None:
        links.append(MessageLink("Open in CRM", crm))
    return tuple(links)
