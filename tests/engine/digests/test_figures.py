"""What the process that sends digests tells of itself."""

from signal_engine.engine.digests.figures import DigestFigures
from signal_engine.engine.digests.sending import DigestEnd


def test_ends_are_counted_but_for_those_that_every_look_finds_again() -> None:
    figures = DigestFigures()
    for end in ("sent", "sent", "retry", "failed", "uncertain", "skipped", "stopped"):
        figures.ended("mail", DigestEnd(end), 5)  # type: ignore[arg-type]
    assert figures.ends == {
        ("mail", "sent"): 2, ("mail", "retry"): 1, ("mail", "failed"): 1, ("mail", "uncertain"): 1,
    }  # fmt: skip


def test_a_destination_fails_until_one_arrives() -> None:
    figures = DigestFigures()
    figures.ended("direct", DigestEnd("failed", "invalid_auth"), 5)
    figures.ended("mail", DigestEnd("sent"), 6)
    assert figures.failing == {"direct": "its last digest ended as failed: invalid_auth"}
    figures.ended("direct", DigestEnd("skipped"), 7)
    assert figures.failing.keys() == {"direct"}, "that nobody sends it again is no success"
    figures.ended("direct", DigestEnd("sent"), 8)
    assert (figures.failing, figures.last_success, figures.moved_at) == ({}, {"mail": 6, "direct": 8}, 8)
