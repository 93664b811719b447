"""Connection options for aiokafka's clients."""

from dataclasses import dataclass, field
from ssl import SSLError
from typing import Any

from aiokafka.helpers import create_ssl_context

from signal_engine.adapters.files.text_files import reason
from signal_engine.core.errors import WRONG_USE, SignalEngineError


class UnusableCertificates(SignalEngineError):
    """Certificate files cannot be read; the message names them."""

    exit_code = WRONG_USE


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """Addresses and credentials of Kafka. Empty text: not given."""

    servers: str
    """`HOST:PORT`, several separated by commas."""
    protocol: str = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    mechanism: str = "PLAIN"
    """PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512."""
    username: str = ""
    password: str = field(default="", repr=False)
    cafile: str = ""
    certfile: str = ""
    keyfile: str = ""

    def options(self) -> dict[str, Any]:
        """Keyword arguments for every aiokafka client. Reads the certificate files; raises `UnusableCertificates`."""
        options: dict[str, Any] = {"bootstrap_servers": self.servers.split(","), "security_protocol": self.protocol}
        if self.protocol.startswith("SASL_"):
            options["sasl_mechanism"] = self.mechanism
            options["sasl_plain_username"] = self.username
            options["sasl_plain_password"] = self.password
        if self.protocol.endswith("SSL"):
            options["ssl_context"] = self._ssl_context()
        return options

    def _ssl_context(self) -> Any:
        files = {"cafile": self.cafile or None, "certfile": self.certfile or None, "keyfile": self.keyfile or None}
        try:
            return create_ssl_context(**files, password="")  # or OpenSSL prompts for the password of an encrypted key
        except (OSError, SSLError) as error:
            named = ", ".join(path for path in files.values() if path)
            raise UnusableCertificates(f"{named}: cannot be used as certificates: {reason(error)}") from None
