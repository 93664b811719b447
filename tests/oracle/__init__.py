"""The oracle: a second, literal reading of the scoring definition, for tests to compare the engine with.

It shares no code with the engine. It keeps every signal of an account in a plain list and evaluates the formulas of
scoring.md section 2 over all of them whenever a number is needed: nothing is folded, forgotten or estimated.

The tour, in the order of an event: `inputs.lines` (bytes to an event or a refusal), `play` (the flow), `memory` (ids
seen), `scores.points` (rules) with `inputs.personas`, `scores.scoring` (section 2), `history` with `scores.levels`
(section 4), `alerts` (section 5), `lists` with `pins` and `scores.evidence` (section 7). Beside it: `scores.predicates`
and `inputs.values` (sections 1 and 6), `fits` (section 6), `inputs.configuration` (section 8).

Where the specification leaves a choice, a comment that starts with "Ambiguous:" stands at the place of the choice.
"""

from tests.oracle.inputs.files import load_accounts, load_lines, load_yaml
from tests.oracle.play import replay

__all__ = ["load_accounts", "load_lines", "load_yaml", "replay"]
