"""Documents that all processes share: what release 0.1 left is read where it goes on to hold."""

from signal_engine.wire.storage.in_force import FitInForce, IcpInForce

OF_0_1 = (
    b'{"version":3,"loaded_at":1767225600000,"accounts":1,"icps":[{"icp":"b2b","version":1,"owner_name":"Dana",'
    b'"owner_email":"d@example.com","review_by":"2099-01-01"}],"quiet":[2]}'
)


def test_a_fit_table_of_release_0_1_outlives_it() -> None:
    b2b = IcpInForce("b2b", 1, "Dana", "d@example.com", "2099-01-01")
    assert FitInForce.decode(OF_0_1) == FitInForce(3, 1_767_225_600_000, 1, (b2b,), (2,))


def test_what_is_written_is_read_back() -> None:
    grown = IcpInForce("grown-up", 4, "Dana", "d@example.com", "2099-01-01", ("finance", "it"))
    in_force = FitInForce(7, 5, 2, (grown,), ())
    assert FitInForce.decode(in_force.encode()) == in_force
