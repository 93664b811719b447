"""A mapping as values: which columns (or JMESPaths) give which fields."""

from collections.abc import Mapping as Lookup
from typing import Any, Final, Literal, NamedTuple

from signal_engine.core.rules.predicates import Predicate
from signal_engine.wire.config.yaml_files import Document, Path

ISO: Final = "iso"
EPOCH_S: Final = "epoch_s"
EPOCH_MS: Final = "epoch_ms"
EPOCH_US: Final = "epoch_us"
NAMED_FORMATS: Final = (ISO, EPOCH_S, EPOCH_MS, EPOCH_US)
ANY_SOURCE: Final = "any"
OUTCOMES: Final = "outcomes"
"""What stands in the place of a kind for outcomes of deals."""
NUMBER_FIELDS: Final = frozenset(
    {"score", "people", "amount_usd", "amount", "dwell_seconds", "confidence", "meeting_no"}
)
"""Fields of events that are numbers, whatever a mapping says of them."""
BOOLEAN_FIELDS: Final = frozenset({"automated"})
DATE_FIELDS: Final = frozenset({"detected_at", "opened_at"})

Reads = Literal["columns", "json"]


class Reference(NamedTuple):
    """A column by its name and aliases, or one JMESPath."""

    names: tuple[str, ...]
    path: Path
    """Where it stands in the mapping file."""
    optional: bool = False
    """Whether the column may be missing; an empty cell is a missing value either way."""
    hint: str | None = None
    """What to do where the column is missing; reads on from that message."""


class FieldSource(NamedTuple):
    """Where a field comes from and how its text is read."""

    reference: Reference
    number: bool = False
    decimal: str | None = None
    """`point` or `comma`; None: decided over the whole column."""
    boolean: bool = False
    date: bool = False
    split: str | None = None
    """Separates the values of a list."""


class AccountSource(NamedTuple):
    """What names the account."""

    reference: Reference | None
    """None: the account of every row is given with the command."""
    through_names: bool = False
    """A company's name, looked up among the accounts; else a domain, URL or host."""
    email: bool = False
    """An e-mail address, whose host counts."""
    through_ids: bool = False
    """A CRM's id, looked up among the accounts."""


class KeyPart(NamedTuple):
    """One value of a natural key."""

    reference: Reference
    bucket: str | int | None = None
    """`day`, `week`, `month`, `quarter` (UTC), or ms: the value is an instant, and only its bucket counts."""


class Identity(NamedTuple):
    """What makes two rows the same event."""

    given: Reference | None
    """The sender's own id."""
    key: tuple[KeyPart, ...]
    """The natural key, where there is no such id."""
    scope: str
    """`any`, or empty for the source's own name."""


class OccurredAt(NamedTuple):
    """When it happened."""

    reference: Reference
    formats: tuple[str, ...] = ()
    """`NAMED_FORMATS` or patterns of strptime; none: decided over the whole column."""
    zone: str | None = None
    """IANA name of the zone of text that names none; None: the command has to say it."""
    days_before: int = 0
    """The event is so many days before the date; while that is ahead, there is none yet."""


class Production(NamedTuple):
    """One event or outcome that a row may give."""

    kind: str
    """Or `OUTCOMES`."""
    accounts: tuple[AccountSource, ...]
    """The first that is not empty counts."""
    identity: Identity
    occurred_at: OccurredAt | None
    """None only in a state feed: when a row appeared is when it was first seen."""
    fields: Lookup[str, FieldSource]
    constants: Lookup[str, Any]
    values: Lookup[str, Lookup[str, Any]]
    """Field -> text as `as_text` folds it -> the value that stands for it."""
    when: tuple[Predicate, ...]
    """Of columns or paths; a row for which they do not hold gives no such event."""


class AccountsProduction(NamedTuple):
    """The row of an accounts file."""

    accounts: tuple[AccountSource, ...]
    fields: Lookup[str, FieldSource]
    constants: Lookup[str, Any]
    values: Lookup[str, Lookup[str, Any]]
    when: tuple[Predicate, ...]


class Mapping(NamedTuple):
    """A mapping file, read and checked."""

    name: str
    match: tuple[tuple[str, ...], ...]
    """Headers by which it is recognised, each with its aliases; none: only by name."""
    reads: Reads
    each: str | None
    """JMESPath to the list of rows in a JSON document."""
    productions: tuple[Production, ...]
    """Of events, or of outcomes, or of both."""
    kind_from: Reference | None
    """The column that names the kind: of the productions, that of this kind is meant."""
    accounts: AccountsProduction | None
    """Instead of events."""
    blank: frozenset[str]
    """Texts, folded, that stand for an empty cell."""
    conditions: Lookup[str, Reference]
    """What `when` asks of -> the column or path."""
    document: Document
    state_feed: bool = False
    """Whether rows are states: all that is so now, of which only changes are events."""
    only_first: bool = False
    """Whether only the first production whose conditions hold for a row counts; else all of them do."""

    @property
    def looks_up_names(self) -> bool:
        """Whether accounts are looked up by name."""
        return any(source.through_names for production in self.productions for source in production.accounts)

    @property
    def looks_up_ids(self) -> bool:
        """Whether accounts are looked up by CRM id."""
        return any(source.through_ids for production in self.productions for source in production.accounts)

    @property
    def makes_outcomes(self) -> bool:
        """Whether a row may give outcomes."""
        return any(production.kind == OUTCOMES for production in self.productions)

    @property
    def makes_events(self) -> bool:
        """Whether a row may give events."""
        return any(production.kind != OUTCOMES for production in self.productions)
