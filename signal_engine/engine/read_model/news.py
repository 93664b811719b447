"""What listeners are sent: a list that has changed, a new alert."""

from typing import NamedTuple

from signal_engine.engine.read_model.list_cache import CachedList
from signal_engine.wire.output.models import Alert
from signal_engine.wire.output.news_documents import AlertNews, ListNews


class News(NamedTuple):
    """An item of news for listeners."""

    what: str
    """`list` or `alert`."""
    document: ListNews | AlertNews
    withheld: bool = False
    """Whether only administrators hear of it, since its account is held back."""


def list_news(one: CachedList) -> ListNews:
    """What listeners get of a list that changed."""
    return {
        "list": one.name,
        "version": one.version,
        "etag": one.etag,
        "generated_at": one.listed["generated_at"],
        "stale": one.listed["stale"],
    }


def alert_news(alert: Alert) -> AlertNews:
    """What listeners get of a new alert; one that version 0.1 stored does not say whose it is, nor if it was sent."""
    return {
        "alert_id": alert["alert_id"],
        "type": alert["type"],
        "at": alert["at"],
        "account_id": alert["account_id"],
        "name": alert["name"],
        "owner": alert["owner"],
        "sdr": alert.get("sdr"),
        "claimed_by": alert.get("claimed_by"),
        "recorded": alert.get("recorded"),
        "level": alert["level"],
        "why_now": alert["why_now"],
    }
