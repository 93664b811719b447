"""Errors of ours: one message per problem, whoever prints them."""

from signal_engine.core.errors import FAILED, WRONG_USE, SignalEngineError
from signal_engine.core.rules.problems import InvalidConfiguration, Problem


def test_an_error_is_one_message_where_it_does_not_say_otherwise():
    assert SignalEngineError("nothing listens there").messages() == ("nothing listens there",)


def test_a_failure_and_wrong_use_end_with_different_codes():
    assert SignalEngineError.exit_code == FAILED
    assert InvalidConfiguration([Problem(("lists",), "is wrong")]).exit_code == WRONG_USE
