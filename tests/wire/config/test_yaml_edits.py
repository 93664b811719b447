"""Numbers change where they stand; everything else stays as it was written."""

import pytest

from signal_engine.wire.config.yaml_edits import NumberEdit, edited
from signal_engine.wire.config.yaml_files import ConfigurationError, read

TEXT = """\
# mine
version: 3
kinds:
  intent:   # what they read
    half_life_days: 14   # days
    rules: [{when: {score: {gte: 80}}, points: 8}, {points: 8}]
  funding: {cap: 25,
            facet_cap: 24}
"""


def test_numbers_change_with_a_comment_above_and_nothing_else_does():
    edits = [
        NumberEdit(("version",), 4, ""),
        NumberEdit(("kinds", "intent", "half_life_days"), 12.5, "was 14"),
        NumberEdit(("kinds", "intent", "rules", 1, "points"), 9.25, "was 8, the second"),
        NumberEdit(("kinds", "funding", "facet_cap"), 20, "inside"),
    ]
    text = edited("f", TEXT, edits)
    assert text == (
        TEXT.replace("version: 3", "version: 4")
        .replace("    half_life_days: 14 ", "    # was 14\n    half_life_days: 12.5 ")
        .replace("    rules:", "    # was 8, the second\n    rules:")
        .replace("{points: 8}", "{points: 9.25}")
        .replace("            facet_cap: 24", "            # inside\n            facet_cap: 20")
    )
    data = read("f", text.encode()).data
    assert data["kinds"]["intent"]["rules"][0]["points"] == 8
    assert data["kinds"]["funding"]["facet_cap"] == 20


def test_two_numbers_of_one_line_and_no_edit_at_all():
    assert edited("f", TEXT, []) == TEXT
    both = [NumberEdit(("kinds", "intent", "rules", n, "points"), 10.5 + n, f"rule {n}") for n in (1, 0)]
    text = edited("f", TEXT, both)
    assert "points: 10.5}, {points: 11.5}]" in text
    assert text.index("# rule 0") < text.index("# rule 1") < text.index("rules:")


@pytest.mark.parametrize("path", [("kinds", "hiring"), ("kinds", "intent", "rules", 7, "points")])
def test_what_the_file_does_not_have_is_named(path):
    with pytest.raises(ConfigurationError, match="has no kinds"):
        edited("f", TEXT, [NumberEdit(path, 1, "")])
