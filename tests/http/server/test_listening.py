"""What connections inherit from the socket that they come in by."""

import socket

from signal_engine.adapters.http.server import listen


def test_the_end_of_an_answer_does_not_wait_until_its_beginning_is_acknowledged() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
