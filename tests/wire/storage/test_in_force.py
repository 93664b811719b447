"""Documents that all processes share: what release 0.1 left is read where it goes on to hold."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from signal_engine.engine.dead_letters.paused_topics import Paused
from signal_engine.wire.messages.inbox import InboxMessage
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage.documents import UnreadableDocument
from signal_engine.wire.storage.in_force import (
    AliasesInForce,
    FitInForce,
    IcpInForce,
    PublishedBy,
    ScoringInForce,
    TopicsInForce,
    VersionPublished,
)

OF_0_1 = (
    b'{"version":3,"loaded_at":1767225600000,"accounts":1,"icps":[{"icp":"b2b","version":1,"owner_name":"Dana",'
    b'"owner_email":"d@example.com","review_by":"2099-01-01"}],"quiet":[2]}'
)


def test_a_fit_table_of_release_0_1_outlives_it() -> None:
    b2b = IcpInForce("b2b", 1, "Dana", "d@example.com", "2099-01-01")
    assert FitInForce.decode(OF_0_1) == FitInForce(3, 1_767_225_600_000, 1, (b2b,), (2,))


def test_what_is_written_is_read_back() -> None:
    grown = IcpInForce("grown-up", 4, "Dana", "d@example.com", "2099-01-01", ("finance", "it"))
    published = grown._replace(published=VersionPublished("dana@example.com", "Larger ones close.", 4))
    in_force = FitInForce(7, 5, 2, (grown, published), ())
    assert FitInForce.decode(in_force.encode()) == in_force


BY = PublishedBy(4, 2, "dana@example.com", "Larger ones close.", 4)
B2B = IcpInForce("b2b", 1, "Dana", "d@example.com", "2099-01-01", published=VersionPublished("d@example.com", "So.", 4))
LOAD = AccountsLoad(1, 1_767_225_600_000, 2, (1, 1))
SHARED: list[tuple[Any, Callable[[bytes], Any]]] = [
    (FitInForce(7, 5, 2, (B2B,), (7,), LOAD, 3, BY, AliasesInForce("ab", 9)), FitInForce.decode),
    (ScoringInForce(2, "1-abcd", "ef", "scoring.yaml", "version: 1", BY), ScoringInForce.decode),
    (TopicsInForce(4, {"signals.intent": "AAAA"}, "cluster"), TopicsInForce.decode),
    (Paused(1, 7, 9, {"schema": 7}, 4), Paused.decode),
    (InboxMessage("m-1", "slack", 1, None, "#sales", {"text": "Call"}), InboxMessage.decode),
]


@pytest.mark.parametrize(("document", "decode"), SHARED, ids=[type(one).__name__ for one, _ in SHARED])
def test_what_a_newer_version_adds_is_passed_over_and_what_is_missing_is_told(
    document: Any, decode: Callable[[bytes], Any]
) -> None:
    newer = orjson.dumps(_with_more(orjson.loads(document.encode())))
    assert decode(newer) == document
    with pytest.raises(UnreadableDocument, match="was not written by this version"):
        decode(b"{}")


def _with_more(value: Any) -> Any:
    """The objects of a document, each with a field that nobody knows, but for maps of names."""
    if isinstance(value, list):
        return [*map(_with_more, value)]
    if not isinstance(value, dict):
        return value
    more = {name: one if name in {"ids", "reasons", "content"} else _with_more(one) for name, one in value.items()}
    return {**more, "of_a_newer_version": [1]}
