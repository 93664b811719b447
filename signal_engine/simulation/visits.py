"""Deeds of people who deal with us: all of kind `engagement`.

A deed takes the company and returns its events as (kind, fields), in order of time.
"""

from random import Random
from typing import Final

from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.simulation import words
from signal_engine.simulation.companies import Company

Trace = tuple[str, dict[str, object]]
"""(kind, fields of the kind)."""


def _act(rng: Random, person: tuple[str, str], activity: str, **more: object) -> Trace:
    """An activity of a person, whose title comes in one of the spellings of forms and trackers."""
    person_id, title = person
    persona = rng.choice(words.SPELLINGS.get(title, (title,)))
    return ENGAGEMENT, {"activity": activity, "person_id": person_id, "persona": persona, **more}


def _view(rng: Random, person: tuple[str, str], page: str) -> Trace:
    return _act(rng, person, "page_view", page=page, dwell_seconds=min(900, round(rng.lognormvariate(4.0, 0.9))))


def _price(rng: Random, person: tuple[str, str]) -> Trace:
    return _act(rng, person, "pricing_view", page="/pricing", dwell_seconds=rng.randint(60, 480))


def passing_by(rng: Random, _company: Company) -> list[Trace]:
    """An unidentified visitor comes from a search engine and leaves again."""
    page = rng.choice(words.FIRST_PAGES)
    return [(ENGAGEMENT, {"activity": "page_view", "page": page, "dwell_seconds": rng.randint(3, 100)})]


def browse(rng: Random, company: Company) -> list[Trace]:
    """One person looks at one to four pages."""
    person = rng.choice(company.people)
    return [_view(rng, person, page) for page in rng.sample(words.PRODUCT_PAGES, rng.randint(1, 4))]


def champion_browses(rng: Random, company: Company) -> list[Trace]:
    """Always the same interested person: repetition, not breadth."""
    return [_view(rng, company.people[0], page) for page in rng.sample(words.PRODUCT_PAGES, rng.randint(1, 4))]


def read_up(rng: Random, company: Company) -> list[Trace]:
    """Somebody downloads a guide."""
    person = rng.choice(company.people[:4])
    page = rng.choice(words.DOWNLOADS)
    return [_view(rng, person, "/guides"), _act(rng, person, "content_download", page=page)]


def ask_price(rng: Random, company: Company) -> list[Trace]:
    """From the product to the price list: one visit."""
    person = rng.choice(company.people)
    return [_view(rng, person, "/product"), _price(rng, person)]


def ask_price_together(rng: Random, company: Company) -> list[Trace]:
    """The champion sends the link to the buyer and another decider: three people of one buying group."""
    champion, *_, money, veto = company.people
    return [_price(rng, person) for person in (champion, money, veto)]


def ask_price_again(rng: Random, company: Company) -> list[Trace]:
    """Always the buyer, in different spellings: one person, however often."""
    return [_price(rng, company.people[3])]


def attend(rng: Random, company: Company) -> list[Trace]:
    """A seat in a webinar."""
    return [_act(rng, rng.choice(company.people[:3]), "event_attended", page="/webinars/from-signal-to-meeting")]


def sign_up(rng: Random, company: Company) -> list[Trace]:
    """A future user tries it."""
    return [_act(rng, company.people[0], "trial_signup", page="/trial")]


def ask_demo(rng: Random, company: Company) -> list[Trace]:
    """The champion or the buyer raises a hand."""
    asking = rng.choice((company.people[0], company.people[3]))
    return [_view(rng, asking, "/customers"), _act(rng, asking, "demo_request", page="/demo")]


def ask_demo_to_study(rng: Random, _company: Company) -> list[Trace]:
    """A student of the trainee programme asks for a demo, for a thesis."""
    student = (f"p-{rng.getrandbits(32):08x}", words.STUDENT)
    return [_act(rng, student, "demo_request", page="/demo")]


def call_us(rng: Random, company: Company) -> list[Trace]:
    """The other way to raise a hand."""
    return [_act(rng, rng.choice(company.people[:2]), "contact_sales", page="/contact")]


def scan_mail(rng: Random, company: Company) -> list[Trace]:
    """A mail filter follows every link before anyone has read a word; the tracker recognises and reports it."""
    return [_act(rng, rng.choice(company.people), "email_click", automated=True)]


def open_mail(rng: Random, company: Company) -> list[Trace]:
    """A newsletter is opened, by a person or by the mail program."""
    return [_act(rng, rng.choice(company.people), "email_open")]


def click_mail(rng: Random, company: Company) -> list[Trace]:
    """A link in a mail or an advertisement."""
    return [_act(rng, rng.choice(company.people), rng.choice(("email_click", "email_click", "ad_click")))]


def look_for_job(_rng: Random, _company: Company) -> list[Trace]:
    """Someone looks for a job with us, which says nothing about buying."""
    return [(ENGAGEMENT, {"activity": "careers_view", "page": "/careers"})]


def survey(rng: Random, company: Company) -> list[Trace]:
    """An activity that the tracker cannot classify."""
    return [_act(rng, rng.choice(company.people), "other", page="/survey/website-feedback")]


def fill_form(rng: Random, company: Company) -> list[Trace]:
    """The newsletter, or a calculator behind a form."""
    return [_act(rng, rng.choice(company.people), "form_fill", page="/tools/roi-calculator")]


VISITS: Final = {
    deed.__name__: deed
    for deed in (
        passing_by,
        browse,
        champion_browses,
        read_up,
        ask_price,
        ask_price_together,
        ask_price_again,
        attend,
        sign_up,
        ask_demo,
        ask_demo_to_study,
        call_us,
        open_mail,
        click_mail,
        scan_mail,
        look_for_job,
        survey,
        fill_form,
    )
}
