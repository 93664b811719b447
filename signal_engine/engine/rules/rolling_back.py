"""An earlier content as a new version: versions only go up, also where a rule goes back."""

import re
from typing import Final

from signal_engine.engine.rules.log import Logged, RulesLog
from signal_engine.engine.rules.publishing import RuleRefused
from signal_engine.wire.config import icp_file
from signal_engine.wire.rules.record import IcpName, IcpVersion, ScoringVersion, Signed, hash_of

_VERSION: Final = re.compile(r"""(^|^\{\s*)(['"]?version['"]?[ \t]*:[ \t]*)[0-9]+""", re.MULTILINE)
"""At the beginning of a line, or of a file in JSON, which is YAML, too."""


def with_version(name: str, text: str, version: int) -> str:
    """The file `name` with another version. Raises `RuleRefused` where its line cannot be found."""
    after, found = _VERSION.subn(rf"\g<1>\g<2>{version}", text)
    if found != 1:
        raise RuleRefused(
            f"{name}: has no line of its own with `version:`; publish that content as version {version} from a file"
        )
    return after


def earlier_icp(log: RulesLog, icp: str, to: int | None, signed: Signed) -> IcpVersion:
    """The version of `icp` to go back to, as a new one. `to`: which; None: the one before that in force."""
    known = log.icps_in_force().get(icp)
    if known is None:
        there = ", ".join(sorted(log.icps_in_force())) or "none"
        raise RuleRefused(f"ICP {icp} is not in force; in force: {there}")
    versions = log.versions(icp)
    earlier = [one for one in versions if one.offset < known.offset and (to is None or one.rule.named.version == to)]
    if not earlier:
        there = ", ".join(str(one.rule.named.version) for one in versions if one.offset < known.offset) or "none"
        wanted = "no earlier version" if to is None else f"no earlier version {to}"
        raise RuleRefused(f"ICP {icp} has {wanted}; the earlier versions are: {there}")
    back = max(earlier, key=lambda one: one.offset).rule
    version = max(one.rule.named.version for one in versions) + 1
    text = with_version(back.name, back.text, version)
    profile, _ = icp_file.parse(back.name, text.encode())
    if profile.version != version:
        raise RuleRefused(f"{back.name}: version {version} cannot be written into it; publish it as a file")
    return IcpVersion(IcpName(icp, version, hash_of(text)), back.name, text, signed, back.named.version)


def earlier_scoring(log: RulesLog, to: str | None) -> Logged[ScoringVersion]:
    """The scoring file to go back to. `to`: its config_version, or its number; None: the one before that in force."""
    known = log.scoring_in_force()
    if known is None:
        raise RuleRefused("no scoring file was published yet, so there is none to go back to")
    earlier = [one for one in log.scorings.values() if one.offset < known.offset]
    fitting = [one for one in earlier if to is None or to in {one.rule.config_version, _number(one.rule)}]
    if not fitting:
        there = ", ".join(one.rule.config_version for one in sorted(earlier)) or "none"
        raise RuleRefused(f"there is no such earlier scoring file; the earlier ones are: {there}")
    return max(fitting, key=lambda one: one.offset)


def _number(rule: ScoringVersion) -> str:
    return rule.config_version.partition("-")[0]
