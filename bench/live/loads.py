"""The loads, and the events of one: made by a seeded generator, shaped as the contract says, copied from nowhere."""

import random
from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.instants import format_instant

SPAN: Final = 60 * DAY
"""Events happened within so many ms before they are fed."""
DOUBLED: Final = 0.02
"""Share of events that come a second time."""
_RECENT: Final = 1_000


class Load(NamedTuple):
    """What is fed."""

    name: str
    accounts: int
    spread: str = "uniform"
    """How events fall on accounts: `uniform`, `zipf` (exponent 1.1), or `each` (all the same number)."""
    size: int = 300
    """Bytes of an event, about."""
    kinds: tuple[str, ...] = KINDS
    refused: float = 0.01
    """Share of events that must be refused."""
    beyond_ascii: float = 0.0
    """Share of texts with letters beyond ASCII."""

    def says(self) -> str:
        """For people."""
        kinds = "one kind" if len(self.kinds) == 1 else f"{len(self.kinds)} kinds"
        size = f"{self.size / 1024:g} KiB" if self.size >= 1024 else f"{self.size} B"
        texts = f", {self.beyond_ascii:.0%} of texts beyond ASCII" if self.beyond_ascii else ""
        return f"{self.accounts:,} accounts ({self.spread}), {size}, {kinds}, {self.refused:.0%} refused{texts}"


LOADS: Final = {
    load.name: load
    for load in (
        Load("hot", 5_000),
        Load("wide", 200_000),
        Load("zipf", 200_000, spread="zipf"),
        Load("large", 5_000, size=2048),
        Load("one-kind", 5_000, kinds=("engagement",)),
        Load("refused", 5_000, refused=0.1),
        Load("beyond-ascii", 5_000, beyond_ascii=0.5),
        Load("five", 20_000, spread="each"),  # five signals an account with --events 100000: what Redis takes for one
    )
}


class Made(NamedTuple):
    """One event, not yet fed."""

    kind: str
    partition: int
    key: bytes
    value: bytes


def account_name(number: int) -> str:
    """The domain of an account."""
    return f"account-{number}.com"


def events(load: Load, many: int, partitions: int, now: int, seed: int = 1) -> Iterator[Made]:
    """`many` events; `now` is in ms. The same arguments give the same events, another `seed` gives other ids."""
    dice, partition_of = random.Random(seed), partitioner(partitions)
    choose, words = _chooser(load, dice), _Words(dice, seed)
    recent: list[Made] = []
    for number in range(many):
        if recent and dice.random() < DOUBLED:
            yield dice.choice(recent)
            continue
        account, kind = account_name(choose(number)), dice.choice(load.kinds)
        event = words.event(kind, account, number, now - dice.randrange(1_000, SPAN))
        if load.beyond_ascii:
            event = _beyond_ascii(event, load.beyond_ascii, dice)
        value = _spoilt(event, dice) if dice.random() < load.refused else _sized(event, load.size)
        if _OF_A_PROVIDER in value:  # in its own partition: a worker would send a copy of it there, for others to read
            account = _PROVIDER
        made = Made(kind, partition_of(account), account.encode(), value)
        recent.append(made)
        if len(recent) > _RECENT:
            del recent[: _RECENT // 2]
        yield made


def _chooser(load: Load, dice: random.Random) -> Callable[[int], int]:
    """Number of an event -> number of its account."""
    if load.spread == "each":
        order = list(range(load.accounts))
        dice.shuffle(order)
        return lambda number: order[number % load.accounts]
    if load.spread == "zipf":
        weights = list(accumulate(1 / rank**1.1 for rank in range(1, load.accounts + 1)))
        everyone = range(load.accounts)
        return lambda _: dice.choices(everyone, cum_weights=weights)[0]
    return lambda _: dice.randrange(load.accounts)


class _Words:
    """Fields of events. Facets are many: topics, departments, technologies, roles, personas; about half of what is said
    of departments, roles and technologies is on the lists of what the shipped scoring file sells.
    """

    def __init__(self, dice: random.Random, seed: int) -> None:
        self._dice, self._seed = dice, seed
        self._topics = [f"{a} {b}" for a in ("sales", "data", "cloud", "mail", "web") for b in _MATTERS]
        self._roles = [f"{a} of {b}" for a in ("Head", "VP", "Chief") for b in _MATTERS]
        self._fields: dict[str, Callable[[], dict[str, Any]]] = {
            "intent": self._intent, "hiring": self._hiring, "funding": self._funding,
            "engagement": self._engagement, "technographic": self._technographic, "leadership": self._leadership,
        }  # fmt: skip

    def event(self, kind: str, account: str, number: int, at: int) -> dict[str, Any]:
        """A valid event; which optional fields it has is left to chance."""
        dice = self._dice
        result: dict[str, Any] = {
            "event_id": f"{kind[:3]}-{self._seed:x}-{number:08x}",
            "account_id": account,
            "occurred_at": format_instant(at),
        }
        if dice.random() < 0.8:
            result["kind"] = kind
        if dice.random() < 0.8:
            result |= {"source": "example-provider", "source_url": f"https://example.com/{kind}/{number}"}
        if dice.random() < 0.5:
            result["confidence"] = round(dice.uniform(0.3, 1.0), 2)
        if dice.random() < 0.5:
            result["detected_at"] = format_instant(at + 900)
        return result | self._fields[kind]()

    def _intent(self) -> dict[str, Any]:
        dice = self._dice
        score = dice.randrange(40, 100)
        return {"topic": dice.choice(self._topics), "score": score, "people": dice.randrange(1, 9), "trend": "rising"}

    def _hiring(self) -> dict[str, Any]:
        dice = self._dice
        matter = dice.choice(_MATTERS)
        result = {"title": f"{matter} lead", "department": matter, "location": "Remote", "status": "open"}
        return result | {"seniority": dice.choice(_SENIORITY), "posting_url": "https://example.com/jobs"}

    def _funding(self) -> dict[str, Any]:
        dice = self._dice
        result: dict[str, Any] = {"round": dice.choice(("seed", "series_a", "series_b", "series_c", "debt", "grant"))}
        if dice.random() < 0.8:
            result["amount_usd"] = float(dice.choice((300_000, 2_000_000, 15_000_000, 80_000_000)))
        return result | {"investors": ["First Example Partners", "Second Example Capital"]}

    def _engagement(self) -> dict[str, Any]:
        dice = self._dice
        result: dict[str, Any] = {"activity": dice.choices(_ACTIVITIES, weights=_HOW_OFTEN)[0], "page": "/pricing"}
        if dice.random() < 0.8:
            result |= {"person_id": f"p-{dice.randrange(50)}", "persona": dice.choice(_PERSONAS)}
        return result | {"dwell_seconds": dice.randrange(1, 300)}

    def _technographic(self) -> dict[str, Any]:
        dice = self._dice
        result = {
            "technology": dice.choice(_TECHNOLOGIES) if dice.random() < 0.5 else f"Example {dice.randrange(20)}",
            "change": dice.choice(("adopted", "dropped", "switched")),
        }
        return result | (
            {"replaces": dice.choice(("Former Example", "ZoomInfo"))} if result["change"] == "switched" else {}
        )

    def _leadership(self) -> dict[str, Any]:
        dice = self._dice
        result = {"role": dice.choice(self._roles), "change": dice.choice(("joined", "joined", "left", "promoted"))}
        if dice.random() < 0.1:
            result["relationship"] = dice.choice(("champion", "past_user", "lost_contact"))
        return result | {"level": dice.choice(("c_level", "vp", "head", "director")), "person_id": "p-1"}


_MATTERS: Final = (
    "security",
    "finance",
    "support",
    "research",
    "sales",
    "marketing",
    "customer success",
    "revenue operations",
)
_TECHNOLOGIES: Final = (
    "Salesforce",
    "HubSpot",
    "Marketo",
    "Pardot",
    "Outreach",
    "Snowflake",
    "BigQuery",
    "6sense",
    "Clearbit",
)
_SENIORITY: Final = ("c_level", "vp", "head", "director", "manager", "senior", "mid", "junior")
_PERSONAS: Final = ("CFO", "CTO", "VP Sales", "engineer", "analyst", "buyer", "Chief Architect", "CISO", "student")
_ACTIVITIES: Final = (
    "page_view", "pricing_view", "careers_view", "email_open", "email_click", "content_download", "form_fill",
    "event_attended", "trial_signup", "demo_request",
)  # fmt: skip
_HOW_OFTEN: Final = (40, 8, 5, 20, 10, 6, 4, 3, 2, 0.5)


_TEXTS: Final = frozenset(
    ("topic", "title", "department", "location", "page", "persona", "technology", "replaces", "role", "source")
)
"""Fields that people fill with words of their own. Those of closed lists, ids and addresses stay as they are."""
_LETTERS: Final = str.maketrans(
    "aeiouncsAEOCS", "\u00e4\u00e9\u00ee\u00f6\u00fc\u00f1\u010d\u0161\u00c4\u00c9\u00d6\u010c\u0160"
)


def _beyond_ascii(event: dict[str, Any], share: float, dice: random.Random) -> dict[str, Any]:
    """The event with letters beyond ASCII in so many of its texts: each text has one such form, so facets stay few."""
    return {
        name: value.translate(_LETTERS) if name in _TEXTS and dice.random() < share else value
        for name, value in event.items()
    }


_PROVIDER: Final = "gmail.com"
_OF_A_PROVIDER: Final = f'"account_id":"{_PROVIDER}"'.encode()


def _sized(event: dict[str, Any], size: int) -> bytes:
    """The event as JSON of about `size` bytes: what lacks is a text that nobody reads, as providers send it."""
    value = orjson.dumps(event)
    lacking = size - len(value) - len(',"description":""')
    return (
        value
        if lacking <= 0
        else orjson.dumps(event | {"description": "lorem ipsum "[: lacking % 12] + "lorem ipsum " * (lacking // 12)})
    )


def _spoilt(event: dict[str, Any], dice: random.Random) -> bytes:
    """Bytes that must be refused, for one of many reasons."""
    return dice.choice(
        (
            lambda: orjson.dumps(event)[:-20],
            lambda: b"\xff\xfe" + orjson.dumps(event),
            lambda: orjson.dumps({name: value for name, value in event.items() if name != "event_id"}),
            lambda: orjson.dumps(event | {"occurred_at": 1_767_225_600}),
            lambda: orjson.dumps(event | {"occurred_at": "2990-01-01T00:00:00Z"}),
            lambda: orjson.dumps(event | {"confidence": 7}),
            lambda: orjson.dumps(event | {"account_id": "10.1.2.3"}),
            lambda: orjson.dumps(event | {"account_id": _PROVIDER}),
            lambda: orjson.dumps(event | {"source_url": "no address"}),
            lambda: orjson.dumps(event | {"kind": "weather"}),
        )
    )()
