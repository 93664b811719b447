"""Why Kafka does not answer, in words that say what to look at."""

import socket
import ssl
from typing import Final

from aiokafka import errors

from signal_engine.adapters.files.text_files import reason

_PROTOCOL: Final = "SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL"


def words(error: BaseException, protocol: str) -> str:
    """The failure of a connection that was tried with `protocol`."""
    match error:
        case errors.SaslAuthenticationFailed() | errors.AuthenticationFailedError():
            said = str(error.args[0]) if error.args and error.args[0] else "no reason given"
            return f"the user name or the password is wrong, says the broker: {said}"
        case errors.UnsupportedSaslMechanismError() | errors.IllegalSaslStateError():
            return f"the broker does not take this way to log in (SASL): {error.args[0] if error.args else ''}".strip()
        case ssl.SSLCertVerificationError():
            return f"its certificate is not to be trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"no TLS connection, perhaps it speaks none ({_PROTOCOL} is {protocol}): {error.reason}"
        case ConnectionRefusedError():
            return "connection refused; nothing listens there"
        case socket.gaierror():
            return f"no such host: {reason(error)}"
        case TimeoutError() | errors.RequestTimedOutError():
            return f"no answer in time ({_PROTOCOL} is {protocol})"
        case errors.KafkaConnectionError() | ConnectionError():
            return f"it closed the connection; perhaps it wants another {_PROTOCOL} than {protocol}"
        case errors.BrokerResponseError():
            return str(error.description)
        case Exception():
            return reason(error)
    return type(error).__name__
