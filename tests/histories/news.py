"""Histories in which something is heard of an account, with and without visits."""

from .telling import Event, History, history, joined, posting, raise_of, surge, tool, visit
from .visits import CFO, IT, REVOPS

FORECASTING, PIPELINE, ANALYTICS = "revenue forecasting", "pipeline management", "sales analytics"
TOPICS = (FORECASTING, PIPELINE, ANALYTICS, "deal inspection", "crm data quality")
OFF_LIST = (
    *("Engineering", "Legal", "Finance", "People", "Facilities", "Design", "Security", "Support", "Logistics"),
    *("Research", "Communications", "Procurement"),
)


def _weekly(score: float, *topics: str) -> list[Event]:
    """Four weeks, once a week each."""
    return [surge(day, topic, score) for day in (-21, -14, -7, 0) for topic in topics]


def _large_firm() -> list[Event]:
    """Hires anybody, adopts anything, reads everything a little, and never comes to us."""
    postings = [posting(-2 * n, f"{name} Director", name, "director") for n, name in enumerate(OFF_LIST)]
    tools = [tool(-3 * n, "adopted", name) for n, name in enumerate(("Kubernetes", "Terraform", "Figma"))]
    return [*postings, *tools, *(surge(-n, topic, 62) for n, topic in enumerate(TOPICS[:4]))]


def _background() -> list[Event]:
    postings = [posting(-5 * n, f"{name} Manager", name, "manager") for n, name in enumerate(OFF_LIST[:4])]
    return [*postings, tool(-4, "adopted", "Figma"), surge(-6, FORECASTING, 65), surge(-2, PIPELINE, 65)]


def _third_party() -> list[Event]:
    return [
        *(surge(-10 + n, topic) for n, topic in enumerate((FORECASTING, PIPELINE, ANALYTICS))),
        raise_of(-6, 20e6),
        joined(-3, "Chief Revenue Officer", "c_level"),
        tool(0, "switched", "Salesforce", replaces="Forecastly"),
    ]


def _engaged_and_hiring() -> list[Event]:
    """Three personas on pricing, three times each in ten days, two surges, a VP posting in our department."""
    days = {CFO: (-10, -6, -1), REVOPS: (-9, -5, 0), IT: (-8, -4, -2)}
    views = [visit(day, "pricing_view", title) for title, visits in days.items() for day in visits]
    return [*views, surge(-7, FORECASTING), surge(-3, PIPELINE), posting(-5, "VP Sales", "Sales", "vp")]


def _two_quick() -> list[Event]:
    days = {CFO: (-2, -1, 0), REVOPS: (-2, -1, 0)}
    views = [visit(day, "pricing_view", title) for title, visits in days.items() for day in visits]
    return [*views, surge(0, FORECASTING)]


def surges_and_postings() -> list[Event]:
    """What the account is without the ad click of day 0."""
    return [
        *(surge(-4, FORECASTING), surge(-2, PIPELINE)),
        *(
            posting(-9, "Sales Director", "Sales", "director"),
            posting(-3, "RevOps Manager", "Revenue Operations", "manager"),
        ),
    ]


HISTORIES: tuple[History, ...] = (
    history("five-topics", "warm, no alert", _weekly(85, *TOPICS)),
    history(
        "round-and-vp",
        "warm; trigger alerts at most one in 14 days",
        raise_of(-5, 20e6),
        joined(0, "VP Sales", "vp"),
    ),
    history("champion", "trigger alert", joined(0, "VP Operations", "vp", relationship="champion")),
    history("large-firm", "on no list", _large_firm(), employee_count="4800"),
    history("background", "on no list", _background()),
    history(
        "third-party", 'hot, said as "nobody has engaged"; ends at day 21 by silence', _third_party()
    ),
    history("engaged-and-hiring", "first after the pins", _engaged_and_hiring()),
    history("two-quick", "hot for about a week", _two_quick()),
    history(
        "trial", "hand raise", surge(-1, FORECASTING, 70), visit(0, "trial_signup", REVOPS)
    ),
    history(
        "competitor-dropped",
        "trigger alert, warm",
        *(surge(-3, FORECASTING), surge(-1, PIPELINE), tool(0, "dropped", "Forecastly")),
    ),
    history(
        "vp-demo",
        "hot and pinned",
        *(posting(-4, "VP Sales", "Sales", "vp"), visit(-3, "pricing_view", CFO), visit(-1, "pricing_view", REVOPS)),
        visit(0, "demo_request", "VP Sales"),
    ),
    history(
        "ad-click",
        'the click adds less than 3 points, and "why now" is not the click',
        surges_and_postings(),
        visit(0, "ad_click"),
    ),
    history(
        "low-everything",
        "at most warm",
        _weekly(60, *TOPICS[:4]),
        posting(-10, "Sales Development Representative", "Sales", "junior"),
        tool(-5, "adopted", "HubSpot"),
    ),
)  # fmt: skip
