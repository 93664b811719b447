"""The document of an alias map."""

import pytest

from signal_engine.core.rules.aliases import AliasChange, Aliases
from signal_engine.wire.storage import aliases
from signal_engine.wire.storage.documents import UnreadableDocument
from tests.build import T0

MAP = Aliases(
    {"b.de": (AliasChange(aliases.UNDATED, "b.com"),), "a.de": (AliasChange(T0, "a.com"), AliasChange(-1, None))}
)


def test_undated_changes_count_from_the_instant_that_the_fit_table_names() -> None:
    read = aliases.decode(aliases.encode(MAP), T0 + 9)
    assert read.changes == {
        "a.de": (AliasChange(T0, "a.com"), AliasChange(T0 + 9, None)),
        "b.de": (AliasChange(T0 + 9, "b.com"),),
    }


def test_equal_maps_have_equal_documents_and_names() -> None:
    again = Aliases(dict(reversed(MAP.changes.items())))
    assert aliases.encode(again) == aliases.encode(MAP)
    assert aliases.digest(aliases.encode(again)) == aliases.digest(aliases.encode(MAP))
    assert aliases.digest(aliases.encode(Aliases({}))) != aliases.digest(aliases.encode(MAP))


@pytest.mark.parametrize("document", [b"{", b"[]", b'{"a.de": 5}', b'{"a.de": [[1]]}'])
def test_what_is_no_map_is_said(document: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="the document of the aliases in force"):
        aliases.decode(document, T0)
