"""Why a connection to Kafka fails, in words that say what to check."""

import socket
import ssl
from typing import Final

from aiokafka import errors

from signal_engine.adapters.files.text_files import reason

_PROTOCOL: Final = "SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL"


def words(error: BaseException, protocol: str) -> str:
    """The reason why a connection with `protocol` failed."""
    match error:
        case errors.SaslAuthenticationFailed() | errors.AuthenticationFailedError():
            said = str(error.args[0]) if error.args and error.args[0] else "no reason given"
            return f"the broker rejected user name or password: {said}"
        case errors.UnsupportedSaslMechanismError() | errors.IllegalSaslStateError():
            return f"the broker does not support this SASL mechanism: {error.args[0] if error.args else ''}".strip()
        case ssl.SSLCertVerificationError():
            return f"its certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            return f"TLS failed; perhaps the broker does not use TLS ({_PROTOCOL} is {protocol}): {error.reason}"
        case ConnectionRefusedError():
            return "connection refused; nothing is listening there"
        case socket.gaierror():
            return f"no such host: {reason(error)}"
        case TimeoutError() | errors.RequestTimedOutError():
            return f"no answer in time ({_PROTOCOL} is {protocol})"
        case errors.KafkaConnectionError() | ConnectionError():
            return f"it closed the connection; perhaps it needs another {_PROTOCOL} than {protocol}"
        case errors.BrokerResponseError():
            return str(error.description)
        case Exception():
            return reason(error)
    return type(error).__name__
