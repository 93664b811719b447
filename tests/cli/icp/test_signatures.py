"""What somebody who publishes or confirms may say of themselves and of why."""

import pytest

from tests.cli.running import run

CONFIRM = ("wiring", "confirm", "content_plan")
RETIRE = ("icp", "retire", "saas", "--yes")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((*CONFIRM, "--by", "sam@example.com", "--note", "caf\udce9"), "--note: is not valid UTF-8"),
        ((*RETIRE, "--by", "sam@example.com", "--reason", "caf\udce9"), "--reason: is not valid UTF-8"),
        ((*RETIRE, "--by", "s\udce9@example.com", "--reason", "x"), "--by: is not valid UTF-8"),
        ((*CONFIRM, "--by", "sam@example.com", "--note", " "), "--note: must have 1 to 500 characters; it has 0"),
        ((*CONFIRM, "--by", "sam", "--note", "x"), "--by: must be an e-mail address"),
    ],
)
def test_what_the_topic_would_not_take_is_refused_before_anything_is_asked(words: tuple[str, ...], said: str) -> None:
    """A terminal in Latin-1 sends the e acute as a byte that is no UTF-8."""
    ran = run(*words)
    assert ran.code == 2
    assert said in ran.err
