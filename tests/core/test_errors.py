"""What errors say, and to whom."""

from signal_engine.core.errors import SignalEngineError


def test_where_anybody_may_ask_an_error_says_its_message_or_one_without_addresses() -> None:
    error = SignalEngineError("Redis at redis.internal:6379 does not answer")
    assert error.in_public() == "Redis at redis.internal:6379 does not answer"
    error.public = "Redis does not answer"
    assert error.in_public() == "Redis does not answer"
