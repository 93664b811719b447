"""Whatever stands in an alert is text in every medium: a table of texts times fields times media."""

import pytest

from signal_engine.core.delivery.routes import DESTINATION_KINDS
from signal_engine.wire.messages.foreign_text import shown
from signal_engine.wire.sync.sync_models import SinkModel
from tests.media.fields import FIELDS, alert_with
from tests.media.hostile import HOSTILE, MARK, UNSEEN
from tests.media.shown import MEDIA

OURS = {0x2068: None, 0x2069: None}
"""The marks by which text from the right is isolated."""
LEFT_OUT = {"linkedin csv"}
"""Leaves a name out that a spreadsheet would calculate, rather than tell LinkedIn another one."""
RECORDS = {"sink hubspot", "sink salesforce"}
"""Fields of a CRM, which takes JSON: `tests/outgoing/crm`."""


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("medium", MEDIA)
def test_it_is_shown_as_text_wherever_it_is_shown(medium: str, text: str) -> None:
    one = MEDIA[medium]
    for field in FIELDS:
        alert, harmless = alert_with(field, text), alert_with(field, MARK)
        assert harmless is not None
        if alert is None:
            continue
        lines = one.show(alert)
        if one.as_it_is:
            assert text in lines or not any(MARK in line for line in lines), field
            continue
        lines = [line.translate(OURS) for line in lines]
        assert not UNSEEN & {*"".join(lines)}, field
        if any(MARK in line for line in one.show(harmless)) and field != "source_url" and medium not in LEFT_OUT:
            wanted = " ".join(shown(text, 60).removesuffix("\N{HORIZONTAL ELLIPSIS}").translate(OURS).split())[:40]
            seen = [" ".join(line.replace("'", "").split()).casefold() for line in lines]
            assert any(wanted.replace("'", "").casefold() in line for line in seen), (field, wanted)


def test_every_medium_is_here() -> None:
    """A medium that is added has to be added to the table: this is the list of all there are."""
    covered = {name for one in MEDIA.values() for name in one.covers}
    sinks = {f"sink {name}" for name in SinkModel.model_fields}
    assert covered | RECORDS == {*DESTINATION_KINDS, *sinks, "digest", "agents", "messages.html"}
