"""ICP files: YAML to `Icp` (scoring.md, section 6)."""

import datetime
import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from signal_engine.core.fit.icp import MAX_ICPS, Disqualifier, FitPoints, Icp
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.laws import weight_problems
from signal_engine.core.rules.policy import Policy
from signal_engine.core.rules.predicates import Predicate, predicates
from signal_engine.core.rules.problems import InvalidConfiguration, Problem
from signal_engine.wire.config import yaml_files
from signal_engine.wire.config.yaml_files import ConfigurationError, Document

_Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
_Text = Annotated[str, Field(min_length=1)]


class _IcpModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _written_as(pattern: str, said: str) -> AfterValidator:
    """A validator for text that fully matches `pattern`; `said` is the error message."""

    def check(text: str) -> str:
        if re.fullmatch(pattern, text) is None:
            raise ValueError(said)
        return text

    return AfterValidator(check)


class _Owner(_IcpModel):
    name: _Text
    email: Annotated[str, _written_as(r"[^@\s]+@[^@\s]+", "must be an e-mail address")]


class _DisqualifierSection(_IcpModel):
    when: Any
    reason: _Text


class _Points(_IcpModel):
    when: Any
    points: _Number
    label: _Text


class _IcpSection(_IcpModel):
    icp: Annotated[str, _written_as(r"[a-z0-9-]{1,64}", "must be 1 to 64 of a-z, 0-9 and -")]
    version: yaml_files.Version
    owner: _Owner
    review_by: datetime.date
    annual_review_by: datetime.date | None = None
    cycle_days: Annotated[int, Field(strict=True, ge=1)] | None = None
    metrics: list[_Text] = []
    buying_group: list[_Text] = []
    must_have: dict[str, Any] = {}
    disqualify: list[_DisqualifierSection] = []
    base: Annotated[float, Field(strict=True, ge=0, le=100)] = 0.0
    points: list[_Points] = []
    tiers: dict[str, Annotated[float, Field(strict=True, ge=0, le=100)]] = Field(min_length=1)
    decisions: dict[str, Literal["chase", "deprioritize", "ignore"]]

    @field_validator("icp")
    @classmethod
    def _not_the_list_of_all(cls, icp: str) -> str:
        if icp == ALL:
            raise ValueError("must not be 'all': that is the list of all ICPs together")
        return icp


def parse(name: str, text: bytes, policy: Policy | None = None) -> tuple[Icp, Document]:
    """Parse the ICP file `name`. Raises `ConfigurationError`, also for a chased tier without a weight in `policy`."""
    document = yaml_files.read(name, text)
    try:
        model = _IcpSection.model_validate(document.data)
        icp = _icp(model)
    except ValidationError as error:
        raise document.error(yaml_files.problems_of(error)) from None
    except InvalidConfiguration as refused:
        raise document.error(refused.problems) from None
    if policy and (problems := weight_problems(policy, [icp])):
        raise document.error(problems)
    return icp, document


def together(icps: Sequence[tuple[Icp, Document]]) -> tuple[Icp, ...]:
    """Check ICPs that are to be active together: 1 to 3, with different ids. Raises `ConfigurationError`."""
    if len(icps) > MAX_ICPS:
        raise ConfigurationError([f"{icps[MAX_ICPS][1].name}: too many ICP files: at most {MAX_ICPS} can be active"])
    seen: dict[str, str] = {}
    for icp, document in icps:
        if icp.icp in seen:
            raise document.error([Problem(("icp",), f"{icp.icp!r} is also the id of {seen[icp.icp]}")])
        seen[icp.icp] = document.name
    return tuple(icp for icp, _ in icps)


class Reviewed(Protocol):
    """An ICP, as the file has it or as it is in force."""

    @property
    def icp(self) -> str:
        """Its id."""

    @property
    def owner_name(self) -> str:
        """The one person who decides it."""

    @property
    def owner_email(self) -> str:
        """Theirs."""

    @property
    def review_by(self) -> str:
        """YYYY-MM-DD."""

    @property
    def annual_review_by(self) -> str | None:
        """YYYY-MM-DD."""


def review_passed(icp: Reviewed, at: datetime.date) -> str | None:
    """The warning to show wherever this ICP's fit shows, if a review date has passed at `at`; else None."""
    dates = (("review date", icp.review_by), ("annual review date", icp.annual_review_by))
    passed = [f"{name} {date}" for name, date in dates if date is not None and at.isoformat() > date]
    if not passed:
        return None
    owner = f"{icp.owner_name} <{icp.owner_email}>"
    has = "has" if len(passed) == 1 else "have"
    return f"ICP {icp.icp}: its {' and its '.join(passed)} {has} passed; {owner} has to review it"


def _icp(model: _IcpSection) -> Icp:
    problems: list[Problem] = []

    def conditions(when: Any, *path: str | int) -> tuple[Predicate, ...]:
        try:
            return predicates(when, path)
        except InvalidConfiguration as refused:
            problems.extend(refused.problems)
            return ()

    icp = Icp(
        icp=model.icp,
        version=model.version,
        owner_name=model.owner.name,
        owner_email=model.owner.email,
        review_by=model.review_by.isoformat(),
        must_have=conditions(model.must_have, "must_have") if model.must_have else (),
        disqualify=tuple(
            Disqualifier(conditions(d.when, "disqualify", i, "when"), d.reason) for i, d in enumerate(model.disqualify)
        ),
        base=model.base,
        points=tuple(
            FitPoints(conditions(p.when, "points", i, "when"), p.points, p.label) for i, p in enumerate(model.points)
        ),
        tiers=dict(model.tiers),
        decisions=dict(model.decisions),
        annual_review_by=model.annual_review_by.isoformat() if model.annual_review_by else None,
        cycle_days=model.cycle_days,
        metrics=tuple(model.metrics),
        buying_group=tuple(model.buying_group),
    )
    problems += [Problem(("tiers", t), "has no entry in decisions") for t in icp.tiers if t not in icp.decisions]
    problems += [Problem(("decisions", t), "is not a tier of this file") for t in icp.decisions if t not in icp.tiers]
    for path, names in (("metrics", icp.metrics), ("buying_group", icp.buying_group)):
        problems += [Problem((path, i), "is named twice") for i, name in enumerate(names) if name in names[:i]]
    if len(set(icp.tiers.values())) < len(icp.tiers):
        problems.append(Problem(("tiers",), "must have different minimum fit scores"))
    if problems:
        raise InvalidConfiguration(problems)
    return icp
