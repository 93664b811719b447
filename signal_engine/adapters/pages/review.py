"""The 90-day review as a page for the meeting, and as an invitation to the next one."""

import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event, vCalAddress
from markupsafe import Markup

from signal_engine.adapters.pages.plots import LiftBar, lifts_plot
from signal_engine.adapters.pages.templates import templates
from signal_engine.core.score.wording import one_line
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.reports.review import words as review_words
from signal_engine.wire.output.reports.review.documents import IcpReviewed, Review

_REMIND: Final = datetime.timedelta(days=-7)
_SEQUENCE_S: Final = 60
"""A later file is a later revision of the event: its number is the minute in which it was made."""
_MOST: Final = 25
_MOST_OF_A_HEADLINE: Final = 2_000
"""Characters."""


def review_page(review: Review) -> bytes:
    """The page. It loads nothing."""
    environment = templates()
    environment.filters.update(day=lambda instant: str(instant)[:10])
    text = environment.get_template("review.html").render(
        review=review,
        words=review_words,
        plots={icp["icp"]: Markup(_plot(icp)) for icp in review["icps"]},  # noqa: S704 (plots escape their texts)
        most=_MOST,
    )
    return text.encode()


def invitation(review: Review) -> bytes:
    """The next review as a calendar file (RFC 5545): all day, the owners invited, a reminder a week before."""
    day = datetime.date.fromisoformat(review["next_review"])
    names = ", ".join(icp["icp"] for icp in review["icps"])
    event = Event()
    made = parse_instant(review["at"]) // 1000
    event.add("uid", f"{uuid5(NAMESPACE_URL, f'signal-engine/review/{names}')}")  # a later file moves the same event
    event.add("sequence", made // _SEQUENCE_S)
    event.add("dtstamp", datetime.datetime.fromtimestamp(made, datetime.UTC))
    event.add("summary", f"ICP review: {names}")
    event.add("dtstart", day)
    event.add("dtend", day + datetime.timedelta(days=1))
    told = one_line(review_words.headline(review), _MOST_OF_A_HEADLINE)
    event.add("description", f"signal-engine review --html review.html\nLast time: {told}")
    event.add("transp", "TRANSPARENT")  # a day's entry makes nobody busy
    owners = {icp["owner_email"]: icp["owner"] for icp in reversed(review["icps"])}
    for place, (email, owner) in enumerate(reversed(owners.items())):
        address = vCalAddress(f"mailto:{email}")
        address.params["CN"] = one_line(owner)
        if not place:  # RFC 5545 wants one where there are attendees
            event.add("organizer", address)
        event.add("attendee", address)
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", f"ICP review: {names}")
    alarm.add("trigger", _REMIND)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//signal-engine//review//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "REQUEST")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _plot(icp: IcpReviewed) -> str:
    """Segments' win rates as multiples of the ICP's; nothing where there is none to compare."""
    average = icp["whole"]["win_rate"]["rate"]
    if not average:
        return ""
    bars = [
        LiftBar(
            review_words.segment_name(one),
            found["value"] / average,
            found["low"] / average,
            found["high"] / average,
            metric["claimed"] is not None,
        )
        for one in icp["segments"][:_MOST]
        for metric in one["metrics"]
        if metric["metric"] == "win_rate" and (found := metric["found"]) is not None
    ]
    return lifts_plot(f"Win rate by segment, as a multiple of that of {icp['icp']}", bars) if len(bars) > 1 else ""
