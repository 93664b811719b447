"""Routes of the demo: for everybody whom the accounts file names, whatever the names are."""

from pathlib import Path

from signal_engine.core.fit.icp import Fit
from signal_engine.entrypoints.demo.delivering import link_key, people_of, write_routes
from signal_engine.entrypoints.wiring.inputs import read_icps, read_routes, read_scoring
from signal_engine.wire.messages.answers.action_links import link_keys
from tests.cli.running import ROOT

ICPS = read_icps([str(ROOT / "config/icp/midmarket-saas.yaml")], read_scoring(str(ROOT / "config/scoring.yaml")))


def test_everybody_has_an_address_of_their_own_and_a_route(tmp_path: Path) -> None:
    owner = ICPS[0]
    fits = {
        "a.com": Fit("a.com", (), owner="Ann Roe", sdr="ann roe"),
        "b.com": Fit("b.com", (), owner="Ann-Roe", sdr="\u5f20\u4f1f"),
        "c.com": Fit("c.com", (), owner=owner.owner_name, sdr=None),
    }
    people = people_of(ICPS, fits)
    assert people == {
        owner.owner_name: owner.owner_email,
        "Ann Roe": "ann.roe@example.com",
        "Ann-Roe": "ann.roe.2@example.com",
        "\u5f20\u4f1f": "person@example.com",
    }
    routes = read_routes(str(write_routes(tmp_path, people)))
    assert {one.email for one in routes.routing.team.members.values()} == {*people.values()}
    assert any(route.digest for route in routes.routing.routes)


def test_the_key_of_links_is_a_new_one_each_time() -> None:
    (one,), (other,) = link_keys(link_key()), link_keys(link_key())
    assert one.secret != other.secret
