"""Histories of accounts that visit us, and of nothing else."""

from .telling import Event, History, history, visit

CFO, REVOPS, IT = "Chief Financial Officer", "Head of Revenue Operations", "IT Manager"


def three_on_pricing() -> list[Event]:
    """Three stakeholders, four pricing views each over two weeks, each on days of their own."""
    days = {CFO: (-13, -9, -4, 0), REVOPS: (-12, -8, -5, -1), IT: (-11, -7, -3, -2)}
    return [visit(day, "pricing_view", title) for title, visits in days.items() for day in visits]


def _nameless(events: list[Event]) -> list[Event]:
    return [{field: value for field, value in event.items() if field != "persona"} for event in events]


def _webinar() -> list[Event]:
    """Six people of six personas attend, and download the slides the day after."""
    titles = (CFO, REVOPS, IT, "VP Sales", "Marketing Manager", "Head of Procurement")
    return [
        visit(day, what, title) for title in titles for day, what in ((-1, "event_attended"), (0, "content_download"))
    ]


def _many_weak() -> list[Event]:
    """Ten personas, twelve short page views each, spread over 30 days."""
    titles = (
        *("CEO", CFO, REVOPS, "Account Executive, Sales", "Marketing Manager", IT, "COO", "Purchasing Clerk"),
        *("Customer Success Manager", "Beekeeper"),
    )
    views = [(title, -30 * number / 11) for title in titles for number in range(12)]
    return [visit(day, "page_view", title, dwell_seconds=20) for title, day in views]


def _reader() -> list[Event]:
    """Two short views a day for a month."""
    return [visit(-number / 2, "page_view", "Marketing Manager", dwell_seconds=20) for number in range(60)]


def one_cfo(*spellings: str) -> list[Event]:
    """Twelve pricing views over eleven days, under each spelling in turn."""
    return [visit(-number, "pricing_view", spellings[number % len(spellings)]) for number in range(12)]


HISTORIES: tuple[History, ...] = (
    history("student-demo", "no hand raise, on no list", visit(0, "demo_request", "Student")),
    history(
        "cfo-demo",
        "hand raise; first on the list, badge inbound, until answered or 14 days",
        visit(0, "demo_request", CFO),
    ),
    history("three-stakeholders", "hot; entered_hot before day 0; cold by day 60", three_on_pricing()),
    history("three-unidentified", "warm", _nameless(three_on_pricing())),
    history("webinar", "warm, below the three stakeholders", _webinar()),
    history("many-weak", "at most warm", _many_weak()),
    history("blog-reader", "on no list", _reader()),
    history("one-cfo", "as one persona", one_cfo("CFO", CFO, "cfo (interim)")),
)
