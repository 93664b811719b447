"""A mapping file: YAML to `Mapping`, every error with file and line."""

from collections.abc import Iterator
from collections.abc import Mapping as Lookup
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import ValidationError

from signal_engine.core.rules.kinds import COMMON_FIELDS, KINDS, LIST_FIELDS, OWN_FIELDS
from signal_engine.core.rules.predicates import Predicate, predicates
from signal_engine.core.rules.problems import InvalidConfiguration, Problem
from signal_engine.core.rules.readings import as_text, fold
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.yaml_files import Path
from signal_engine.wire.intake import models
from signal_engine.wire.intake.mapping import (
    ANY_SOURCE,
    BOOLEAN_FIELDS,
    DATE_FIELDS,
    NUMBER_FIELDS,
    OUTCOMES,
    AccountSource,
    AccountsProduction,
    FieldSource,
    Identity,
    KeyPart,
    Mapping,
    OccurredAt,
    Production,
    Reference,
)
from signal_engine.wire.intake.produced_fields import OF_THE_MAPPING, PRODUCED, produced_fields

_ACCOUNTS: Final = "accounts"
_ACCOUNT_NAMES: Final = "accounts.name"
_SPLIT: Final = ","


def parse(name: str, text: bytes) -> Mapping:
    """The mapping file `name`. Raises `ConfigurationError`."""
    document = yaml_files.read(name, text)
    try:
        file = models.File.model_validate(document.data)
        return _Reader(file, document).mapping()
    except ValidationError as error:
        raise document.error(yaml_files.problems_of(error)) from None
    except InvalidConfiguration as refused:
        raise document.error(refused.problems) from None


class _Reader:
    """One file on its way to values; collects every problem."""

    def __init__(self, file: models.File, document: yaml_files.Document) -> None:
        self._file = file
        self._document = document
        self._problems: list[Problem] = []
        self._conditions: dict[str, Reference] = {}

    def mapping(self) -> Mapping:
        """Raises `InvalidConfiguration` with all problems."""
        file = self._file
        accounts, kind_from, productions = self._produced()
        if file.each is not None and file.reads != "json":
            self._problems.append(Problem(("each",), "goes with `reads: json`"))
        if file.each is not None:
            self._check_path(file.each, ("each",))
        if file.only_first and not isinstance(file.produces, list):
            self._problems.append(Problem(("only_first",), "goes with a list of productions"))
        if file.state_feed and any(production.kind == OUTCOMES for production in productions):
            self._problems.append(Problem(("state_feed",), "belongs to events; an outcome is no state"))
        if self._problems:
            raise InvalidConfiguration(self._problems)
        blank = frozenset(fold(text) for text in file.blank)
        match = tuple(tuple(self._all_names(names)) for names in file.match)
        return Mapping(
            file.mapping, match, file.reads, file.each, tuple(productions), kind_from, accounts, blank,
            self._conditions, self._document, file.state_feed, file.only_first,
        )  # fmt: skip

    def _produced(self) -> tuple[AccountsProduction | None, Reference | None, list[Production]]:
        produces, path = self._file.produces, ("produces",)
        if produces == _ACCOUNTS:
            return self._accounts(), None, []
        if isinstance(produces, str):
            return None, None, [*self._production(produces, self._file, path, ())]
        if isinstance(produces, list) and produces:
            return None, None, [*self._several(produces)]
        if isinstance(produces, dict):
            reference = models.From.model_validate(produces)
            of_all = [*self._kinds_of_a_column()]
            return None, self._reference(reference, ("produces",)), of_all
        self._problems.append(Problem(path, f"must be one of {', '.join(PRODUCED)} or {_ACCOUNTS}, or a list of them"))
        return None, None, []

    def _several(self, produces: list[Any]) -> Iterator[Production]:
        for index, given in enumerate(produces):
            path: Path = ("produces", index)
            try:
                part = models.ProductionPart.model_validate({"kind": given} if isinstance(given, str) else given)
            except ValidationError as error:
                self._problems += [Problem((*path, *p.path), p.message) for p in yaml_files.problems_of(error)]
            else:
                yield from self._production(part.kind, part, path, path)

    def _kinds_of_a_column(self) -> Iterator[Production]:
        """Checks each kind for its own fields; a field that no kind has is reported once."""
        known = frozenset().union(*OWN_FIELDS.values()) | COMMON_FIELDS
        for name in self._file.fields:
            if name not in known:
                self._problems.append(Problem(("fields", name), "is a field that no kind has"))
        for kind in KINDS:
            own = {n: s for n, s in self._file.fields.items() if n in OWN_FIELDS[kind] | COMMON_FIELDS}
            narrowed = self._file.model_copy(update={"fields": own})
            yield from self._production(kind, narrowed, ("produces",), ())

    def _production(self, kind: str, part: models.ProductionDefaults, where: Path, at: Path) -> Iterator[Production]:
        """The production of `kind` as `part` at path `at` says, and the top of the file where it says nothing."""
        if kind not in PRODUCED:
            self._problems.append(Problem(where, f"must be one of {', '.join(PRODUCED)} or {_ACCOUNTS}"))
            return
        top = self._file if part is not self._file else part
        fields = self._fields({**top.fields, **part.fields} if at else part.fields, at, part)
        constants = {**top.constants, **part.constants}
        values = {**top.values, **part.values}
        self._check_fields(kind, fields, constants, values, at)
        account_at = at if part.account is not None else ()
        accounts = part.account if part.account is not None else top.account
        identity = part.event_id or top.event_id
        occurred_at = part.occurred_at or top.occurred_at
        required: dict[str, Any] = {"account": accounts, "event_id": identity}
        if not self._file.state_feed:
            required["occurred_at"] = occurred_at
        missing = [key for key, given in required.items() if given is None]
        self._problems += [Problem((*at, key), "is required") for key in missing]
        if accounts is None or identity is None or missing:
            return
        when = part.when if part.when is not None else top.when
        yield Production(
            kind,
            self._account_sources(accounts, account_at),
            self._identity(identity, part.scope or top.scope, at if part.event_id else ()),
            self._instant(occurred_at, at if part.occurred_at else ()),
            fields,
            constants,
            {name: {as_text(text): value for text, value in table.items()} for name, table in values.items()},
            self._when(when, at if part.when is not None else ()),
        )

    def _accounts(self) -> AccountsProduction | None:
        file = self._file
        for key in ("event_id", "scope", "occurred_at", "state_feed"):
            if getattr(file, key) not in (None, False):
                self._problems.append(Problem((key,), "belongs to events; an account has none"))
        if file.account is None:
            self._problems.append(Problem(("account",), "is required"))
            return None
        for name in file.values:
            if name not in file.fields:
                self._problems.append(Problem(("values", name), "is not among `fields`"))
        return AccountsProduction(
            self._account_sources(file.account, ()),
            self._fields(file.fields, (), file),
            file.constants,
            {name: {as_text(text): value for text, value in table.items()} for name, table in file.values.items()},
            self._when(file.when, ()),
        )

    def _instant(self, given: models.InstantFrom | None, at: Path) -> OccurredAt | None:
        if given is None:
            return None
        reference = self._reference(given, (*at, "occurred_at"))
        return OccurredAt(reference, tuple(given.formats), given.zone, given.days_before)

    def _account_sources(self, accounts: list[models.AccountFrom], at: Path) -> tuple[AccountSource, ...]:
        if not accounts:
            return (AccountSource(None),)
        many = len(accounts) > 1
        return tuple(
            AccountSource(
                self._reference(one, (*at, "account", *((index,) if many else ()))),
                one.through == _ACCOUNT_NAMES,
                one.email,
                one.through not in {None, _ACCOUNT_NAMES},
            )
            for index, one in enumerate(accounts)
        )

    def _identity(self, identity: models.Id, scope: str | None, at: Path) -> Identity:
        path: Path = (*at, "event_id")
        if identity.given is None and identity.key is None:
            self._problems.append(Problem(path, "must be a column, or a list of columns that make a natural key"))
        key = tuple(KeyPart(self._reference(p, (*path, i)), p.bucket) for i, p in enumerate(identity.key or ()))
        given = self._reference(identity.given, path) if identity.given else None
        return Identity(given, key, ANY_SOURCE if scope == "any" else "")

    def _fields(self, fields: models.FieldMap, at: Path, part: models.ProductionDefaults) -> dict[str, FieldSource]:
        read = {}
        for name, source in fields.items():
            path: Path = (*(at if name in part.fields else ()), "fields", name)
            split = source.split or (_SPLIT if name in LIST_FIELDS else None)
            number = source.number or source.decimal is not None or name in NUMBER_FIELDS
            boolean = source.boolean or name in BOOLEAN_FIELDS
            reference = self._reference(source, path)
            read[name] = FieldSource(reference, number, source.decimal, boolean, name in DATE_FIELDS, split)
        return read

    def _check_fields(
        self,
        kind: str,
        fields: Lookup[str, FieldSource],
        constants: Lookup[str, Any],
        values: Lookup[str, Lookup[str, Any]],
        at: Path,
    ) -> None:
        has, needed, _ = produced_fields(kind)
        for key, named in (("fields", fields), ("constants", constants)):
            for name in named:
                if name in OF_THE_MAPPING:
                    self._problems.append(Problem((key, name), "has a key of its own at the top"))
                elif name not in has:
                    self._problems.append(Problem((*at, key, name), f"is no field of {kind}"))
        for name in values:
            if name not in fields and self._file.produces == kind:
                self._problems.append(Problem((*at, "values", name), "is not among `fields`"))
        for name in sorted(needed - fields.keys() - constants.keys()):
            self._problems.append(Problem((*at, "fields"), f"{kind} needs {name}"))
        for name, value in constants.items():
            self._check_value(kind, name, value, (*at, "constants", name))
        for name, table in values.items():
            for text, value in table.items():
                if name in has:
                    self._check_value(kind, name, value, (*at, "values", name, text))

    def _check_value(self, kind: str, name: str, value: Any, path: Path) -> None:
        try:
            produced_fields(kind).check({name: value})
        except ValidationError as error:
            wrong = [e for e in error.errors(include_input=False) if e["loc"][0] == name]
            self._problems += [Problem(path, f"is not what {name} may be: {e['msg']}") for e in wrong[:1]]

    def _when(self, when: dict[str, Any] | None, at: Path) -> tuple[Predicate, ...]:
        if when is None:
            return ()
        try:
            asked = predicates(when, (*at, "when"))
        except InvalidConfiguration as refused:
            self._problems += refused.problems
            return ()
        for name in when:
            path: Path = (*at, "when", name)
            self._conditions[str(name)] = self._reference(models.From.model_validate({"from": str(name)}), path)
        return asked

    def _reference(self, given: models.From, path: Path) -> Reference:
        if self._file.reads == "json":
            for name in self._all_names(given.names):
                self._check_path(name, path)
        names, columns = tuple(self._all_names(given.names)), self._file.columns
        said = [columns[name] for name in given.names if name in columns]
        optional = given.optional or (len(said) == len(given.names) and all(column.optional for column in said))
        return Reference(names, path, optional, given.hint or next((one.hint for one in said if one.hint), None))

    def _all_names(self, names: list[str]) -> Iterator[str]:
        """Each name, and the others that `columns` gives it."""
        for name in names:
            yield name
            yield from self._file.columns[name].also if name in self._file.columns else ()

    def _check_path(self, name: str, path: Path) -> None:
        try:
            jmespath.compile(name)
        except JMESPathError as error:
            said = str(error).splitlines()[0]
            self._problems.append(Problem(path, f"{name!r} is no JMESPath: {said}"))
