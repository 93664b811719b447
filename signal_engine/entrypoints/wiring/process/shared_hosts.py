"""The shared hosts of this process: SIGNAL_ENGINE_SHARED_HOSTS."""

from signal_engine.entrypoints.wiring.settings_sources import find
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events import hosts


def shared_hosts() -> hosts.SharedHosts:
    """Read the shared hosts in force, and no other setting. Raises `ConfigurationError`."""
    found = find(("shared_hosts",), ()).get("shared_hosts")
    try:
        return hosts.changed(found.value if found else "")
    except ValueError as error:
        assert found is not None  # noqa: S101 (nothing is a list)
        raise ConfigurationError([f"{found.named}: {error}"]) from None
