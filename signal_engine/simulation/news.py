"""Deeds that providers report: research elsewhere, postings, rounds, technology, people.

A deed takes the company and returns its events as (kind, fields), in order of time.
"""

from random import Random
from typing import Final

from signal_engine.core.rules.kinds import FUNDING, HIRING, INTENT, LEADERSHIP, TECHNOGRAPHIC
from signal_engine.simulation import words
from signal_engine.simulation.companies import Company
from signal_engine.simulation.visits import Trace

_MILLION: Final = 1_000_000


def _topic(rng: Random, company: Company, lowest: int, highest: int, trend: str) -> list[Trace]:
    topic, score = rng.choice(company.topics), rng.randint(lowest, highest)
    return [(INTENT, {"topic": topic, "score": score, "people": 1 + score // 12, "trend": trend})]


def chatter(rng: Random, company: Company) -> list[Trace]:
    """The everyday reading of any company, which sometimes touches our subject."""
    topic = rng.choice((*words.SMALL_TALK, *company.topics))
    return [(INTENT, {"topic": topic, "score": min(68, round(rng.triangular(8, 66, 34))), "people": rng.randint(1, 3)})]


def wonder(rng: Random, company: Company) -> list[Trace]:
    """First reading about our subject."""
    return _topic(rng, company, 58, 69, "rising")


def research(rng: Random, company: Company) -> list[Trace]:
    """More people read more."""
    return _topic(rng, company, 70, 79, "rising")


def compare(rng: Random, company: Company) -> list[Trace]:
    """They read about vendors."""
    return _topic(rng, company, 80, 97, "surging")


def lose_interest(rng: Random, company: Company) -> list[Trace]:
    """The provider still reports the topic, with a falling score."""
    return _topic(rng, company, 22, 55, "falling")


def skim(rng: Random, company: Company) -> list[Trace]:
    """What any large firm reads about everything: just above the noise."""
    return _topic(rng, company, 60, 64, "steady")


def _post(rng: Random, company: Company, posts: tuple[tuple[str, str, str], ...], status: str) -> list[Trace]:
    title, department, seniority = rng.choice(posts)
    url = f"https://www.{company.account}/careers/{rng.randint(1000, 9999)}"
    post = {"title": title, "department": department, "seniority": seniority}
    return [(HIRING, {**post, "status": status, "posting_url": url, "source_url": url})]


def hire_executive(rng: Random, company: Company) -> list[Trace]:
    """Looks for the person who will own the budget."""
    return _post(rng, company, words.EXECUTIVE_POSTS, "open")


def hire_manager(rng: Random, company: Company) -> list[Trace]:
    """Looks for the person who will run it."""
    return _post(rng, company, words.MANAGER_POSTS, "open")


def hire_anybody(rng: Random, company: Company) -> list[Trace]:
    """Growth, or only replacement."""
    return _post(rng, company, words.OTHER_POSTS, "open")


def hire_for_others(rng: Random, company: Company) -> list[Trace]:
    """For a department that our product does not serve: background."""
    return _post(rng, company, words.BACKGROUND_POSTS, "open")


def close_posting(rng: Random, company: Company) -> list[Trace]:
    """The position is filled: no signal, and the feed says so."""
    return _post(rng, company, words.MANAGER_POSTS + words.OTHER_POSTS, "closed")


def raise_money(rng: Random, company: Company) -> list[Trace]:
    """A round that fits the company's stage, or a loan for mature ones."""
    name, low, high = rng.choice(words.ROUNDS[company.stage])
    fields: dict[str, object] = {"round": name, "investors": rng.sample(words.INVESTORS, rng.randint(1, 3))}
    fields["source_url"] = f"https://www.{company.account}/newsroom/{rng.randint(100, 999)}"
    if rng.random() < 0.85:  # the rest does not publish the amount
        fields["amount_usd"] = rng.randint(low * 2, high * 2) * _MILLION // 2
    return [(FUNDING, fields)]


def welcome_executive(rng: Random, company: Company) -> list[Trace]:
    """A new executive, who reviews every tool within the first months."""
    role, level = company.vacancy
    return [(LEADERSHIP, _move(rng, role, "joined", level))]


def welcome_champion(rng: Random, company: Company) -> list[Trace]:
    """Somebody who bought from us elsewhere starts here."""
    role, level = company.vacancy
    return [(LEADERSHIP, {**_move(rng, role, "joined", level), "relationship": "champion"})]


def lose_executive(rng: Random, company: Company) -> list[Trace]:
    """The predecessor leaves first."""
    role, level = company.vacancy
    return [(LEADERSHIP, _move(rng, role, "left", level))]


def promote(rng: Random, _company: Company) -> list[Trace]:
    """Somebody from inside gets the job."""
    role, level = rng.choice(words.OTHER_ROLES)
    return [(LEADERSHIP, _move(rng, role, "promoted", level))]


def welcome_manager(rng: Random, _company: Company) -> list[Trace]:
    """A newcomer below the executives."""
    role, level = rng.choice(words.OTHER_ROLES)
    return [(LEADERSHIP, _move(rng, role, "joined", level))]


def _move(rng: Random, role: str, change: str, level: str) -> dict[str, object]:
    return {"role": role, "change": change, "level": level, "person_id": f"p-{rng.getrandbits(32):08x}"}


def adopt_tool(rng: Random, company: Company) -> list[Trace]:
    """Something it did not have."""
    new = [tool for category in words.TECHNOLOGIES for tool in category if tool not in company.stack]
    return [(TECHNOGRAPHIC, {"technology": rng.choice(new), "change": "adopted"})]


def drop_tool(rng: Random, company: Company) -> list[Trace]:
    """A tool disappears from its pages and postings."""
    own = sorted(company.stack) or ["Eloqua"]
    return [(TECHNOGRAPHIC, {"technology": rng.choice(own), "change": "dropped"})]


def drop_competitor(rng: Random, _company: Company) -> list[Trace]:
    """A tool that we replace is gone, which leaves budget and a gap."""
    return [(TECHNOGRAPHIC, {"technology": rng.choice(words.COMPETITORS), "change": "dropped"})]


def adopt_any_tool(rng: Random, _company: Company) -> list[Trace]:
    """A tool unrelated to what we sell."""
    return [(TECHNOGRAPHIC, {"technology": rng.choice(words.BACKGROUND_TOOLS), "change": "adopted"})]


def switch_tool(rng: Random, company: Company) -> list[Trace]:
    """Replaces a product by another of the same category, preferably one that it is known to run."""
    known = [category for category in words.TECHNOLOGIES if company.stack & {*category}]
    category = rng.choice(known or words.TECHNOLOGIES)
    old = next((tool for tool in category if tool in company.stack), category[0])
    new = rng.choice([tool for tool in category if tool != old])
    return [(TECHNOGRAPHIC, {"technology": new, "change": "switched", "replaces": old})]


NEWS: Final = {
    deed.__name__: deed
    for deed in (
        chatter,
        wonder,
        research,
        compare,
        lose_interest,
        skim,
        hire_executive,
        hire_manager,
        hire_anybody,
        hire_for_others,
        close_posting,
        raise_money,
        welcome_executive,
        welcome_champion,
        lose_executive,
        promote,
        welcome_manager,
        adopt_tool,
        drop_tool,
        drop_competitor,
        adopt_any_tool,
        switch_tool,
    )
}
