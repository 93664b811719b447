"""The vocabulary of events: topics, titles, technologies. Providers and investors are invented."""

from typing import Final

TOPICS: Final = (
    "revenue operations",
    "lead scoring",
    "lead routing",
    "sales engagement platform",
    "account-based marketing",
    "buyer intent data",
    "CRM data quality",
    "pipeline forecasting",
    "marketing attribution",
    "customer data platform",
    "CRM migration",
    "sales and marketing alignment",
)
SMALL_TALK: Final = ("office relocation", "employee wellbeing", "cyber insurance", "travel expenses", "e-signature")

USERS: Final = (
    "RevOps Manager",
    "Head of Demand Generation",
    "Marketing Operations Lead",
    "SDR Manager",
    "CRM Administrator",
)
"""Titles of users; the champion is one of them."""
MONEY: Final = ("Chief Financial Officer", "Head of Procurement", "Finance Director")
"""Titles of buyers."""
VETOES: Final = ("Data Engineer", "Head of Engineering", "Chief Operating Officer")
"""Titles of other deciders."""
STUDENT: Final = "Marketing Student"
SPELLINGS: Final = {
    "Chief Financial Officer": ("Chief Financial Officer", "CFO", "cfo"),
    "Chief Operating Officer": ("Chief Operating Officer", "COO"),
    "Head of Demand Generation": ("Head of Demand Generation", "Head of Demand Gen"),
    "CRM Administrator": ("CRM Administrator", "CRM administrator (IT)"),
}
"""One person in the spellings of a form, a badge scanner and a web tracker."""

PRODUCT_PAGES: Final = (
    "/product",
    "/product/scoring",
    "/integrations",
    "/integrations/salesforce",
    "/customers",
    "/security",
    "/docs/getting-started",
    "/compare",
)
FIRST_PAGES: Final = ("/", "/blog/what-is-a-buying-signal", "/blog/sdr-playbook", "/blog/marketing-sales-handover")
DOWNLOADS: Final = ("/guides/revops-benchmarks", "/guides/signal-playbook", "/guides/business-case", "/guides/security")

EXECUTIVE_POSTS: Final = (
    ("VP Revenue Operations", "Operations", "vp"),
    ("VP Sales, New Business", "Sales", "vp"),
    ("Head of Growth", "Marketing", "head"),
    ("Chief Revenue Officer", "Sales", "c_level"),
)
MANAGER_POSTS: Final = (
    ("Revenue Operations Manager", "Operations", "manager"),
    ("Marketing Operations Manager", "Marketing", "manager"),
    ("Sales Development Manager", "Sales", "manager"),
    ("Director, Demand Generation", "Marketing", "director"),
    ("CRM Product Manager", "Engineering", "manager"),
)
OTHER_POSTS: Final = (
    ("Account Executive", "Sales", "mid"),
    ("Sales Development Representative", "Sales", "junior"),
    ("Customer Success Manager, DACH", "Customer Success", "mid"),
    ("Senior Backend Engineer", "Engineering", "senior"),
    ("Payroll Specialist", "Finance", "mid"),
    ("Marketing Intern", "Marketing", "intern"),
)

BACKGROUND_POSTS: Final = (
    ("Warehouse Lead", "Logistics", "manager"),
    ("Senior Backend Engineer", "Engineering", "senior"),
    ("VP Engineering", "Engineering", "vp"),
    ("Payroll Specialist", "Finance", "mid"),
    ("Internal Auditor", "Finance", "senior"),
    ("Head of Legal", "Legal", "head"),
    ("Facilities Manager", "Facilities", "manager"),
    ("Nurse, Occupational Health", "Human Resources", "mid"),
    ("Director, Supply Chain", "Procurement", "director"),
    ("Data Centre Technician", "Infrastructure", "junior"),
    ("Branch Clerk", "Branches", "junior"),
    ("Actuary", "Underwriting", "senior"),
    ("Compliance Officer", "Compliance", "mid"),
)
"""Everyday postings of a large firm, for departments that our product does not serve."""

EXECUTIVE_ROLES: Final = (
    ("Chief Revenue Officer", "c_level"),
    ("VP Revenue Operations", "vp"),
    ("VP Marketing", "vp"),
    ("Chief Marketing Officer", "c_level"),
)
OTHER_ROLES: Final = (("Sales Operations Manager", "manager"), ("Head of Partnerships", "head"))

TECHNOLOGIES: Final = (
    ("Salesforce", "HubSpot", "Dynamics 365", "Pipedrive"),
    ("Snowflake", "BigQuery", "Databricks", "Redshift"),
    ("Marketo", "Pardot", "Braze", "Eloqua"),
    ("Segment", "RudderStack", "Snowplow"),
    ("Outreach", "Salesloft", "Gong"),
)
"""Each line is a category: products that replace one another."""

COMPETITORS: Final = ("6sense", "Demandbase", "ZoomInfo", "Clearbit", "Bombora")
"""Products that ours replaces."""
BACKGROUND_TOOLS: Final = ("Jira", "Workday", "ServiceNow", "SAP Ariba", "Zoom", "Datadog", "DocuSign", "Miro")
"""Products that say nothing about a need for ours."""

INVESTORS: Final = (
    "Larkmoor Ventures",
    "Tallowfield Partners",
    "Brackwater Growth",
    "Ninefold Equity",
    "Ostlund & Vey",
)

ROUNDS: Final = {
    "young": (("seed", 1, 4), ("series_a", 5, 14)),
    "growing": (("series_a", 6, 18), ("series_b", 18, 45), ("series_c", 50, 140)),
    "mature": (("debt", 40, 250), ("other", 20, 90)),
}
"""Stage -> the round, and its minimum and maximum amount in millions of US dollars."""

SOURCES: Final = {
    "intent": "topic-panel",
    "hiring": "job-crawler",
    "funding": "deal-wire",
    "engagement": "web-tracker",
    "technographic": "stack-scan",
    "leadership": "people-moves",
}
"""Invented providers, one per kind."""
