"""A certificate for a receiver on this machine, and the file by which it is trusted."""

import ssl
import subprocess
from pathlib import Path
from typing import NamedTuple


class Certified(NamedTuple):
    """A certificate that signs itself."""

    context: ssl.SSLContext
    """Of the server."""
    trusted_by: Path
    """PEM, for whoever is to trust it."""


def certificate(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> Certified:
    """One for `names`, made by openssl in `folder`."""
    key, pem = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=receiver", "-addext", f"subjectAltName={names}", "-keyout", str(key), "-out", str(pem),
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key)
    return Certified(context, pem)
