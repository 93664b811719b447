"""Histories in which who the account is decides what becomes of it."""

from .news import FORECASTING
from .telling import History, history, surge, visit
from .visits import three_on_pricing

HISTORIES: tuple[History, ...] = (
    history(
        "twelve-people",
        "`inbound` to triage, no list",
        *(visit(-3, "pricing_view", "Founder"), surge(-2, FORECASTING), visit(0, "demo_request", "Founder")),
        employee_count="12",
    ),
    history(
        "customer-asks",
        "alert for the owner, not on the prospects' list",
        visit(0, "contact_sales", "Head of Procurement"),
        relation="customer",
    ),
    history("two-icps", "on both lists, one alert", three_on_pricing(), segment="strategic"),
    history(
        "open-opportunity",
        "off the prospects' list; alert for the owner",
        three_on_pricing(),
        relation="open_opportunity",
    ),
)
