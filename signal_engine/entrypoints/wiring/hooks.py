"""The hooks file with its mappings and secrets, ready to be served."""

import os
from functools import partial
from pathlib import Path

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.http.ingest.hooks import ServedHook
from signal_engine.adapters.http.ingest.signatures import verifier, why_refused
from signal_engine.engine.intake.requests.deliveries import DeliveryMapper
from signal_engine.entrypoints.wiring.exports import named_mapping
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake import hooks_file
from signal_engine.wire.intake.hooks import Hook, Hooks
from signal_engine.wire.intake.mapping import Mapping


def served_hooks(path: str) -> dict[str, ServedHook]:
    """The hooks of the file at `path`, ready to be served; none if it is empty.

    Raises `ConfigurationError`, `UnusableSecret`.
    """
    if not path:
        return {}
    hooks, mappings = _read(path)
    return {
        hook.name: ServedHook(
            verifier(hook, _secrets_of(hook)),
            partial(why_refused, hook),
            DeliveryMapper(mappings[hook.name], hook.zone, hook.account),
        )
        for hook in hooks.hooks
    }


def delivery_mappers(path: str) -> dict[str, DeliveryMapper]:
    """What maps the deliveries of each hook of the file at `path`; none if it is empty. Raises `ConfigurationError`."""
    if not path:
        return {}
    hooks, mappings = _read(path)
    return {hook.name: DeliveryMapper(mappings[hook.name], hook.zone, hook.account) for hook in hooks.hooks}


def _read(path: str) -> tuple[Hooks, dict[str, Mapping]]:
    """The hooks file at `path`, and the mapping of each hook. Raises `ConfigurationError`.

    A mapping that is a file is looked for beside the hooks file.
    """
    try:
        hooks = hooks_file.parse(path, Path(path).read_bytes())
    except OSError as error:
        raise ConfigurationError(
            [f"{path}: cannot be read: {reason(error)}; SIGNAL_ENGINE_HOOKS sets its path"]
        ) from None
    mappings = {hook.name: named_mapping(_beside(path, hook.mapping)) for hook in hooks.hooks}
    hooks_file.check_mappings(hooks, mappings)
    return hooks, mappings


def _secrets_of(hook: Hook) -> list[bytes]:
    """The secrets of a hook, at least one, without blanks around them. Raises `ConfigurationError`."""
    signature = hook.signature
    if signature.secret_file is not None:
        try:
            text = Path(signature.secret_file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = reason(error) if isinstance(error, OSError) else "is not UTF-8"
            raise ConfigurationError([f"hook {hook.name}: {signature.secret_file}: cannot be read: {why}"]) from None
        where = signature.secret_file
    else:
        where = signature.secret_env or ""
        text = os.environ.get(where, "")
    secrets = [line.strip().encode() for line in text.splitlines() if line.strip()]
    if not secrets:
        raise ConfigurationError([f"hook {hook.name}: {where} holds no secret"])
    return secrets


def _beside(path: str, mapping: str) -> str:
    is_file = mapping.endswith((".yaml", ".yml"))
    return str(Path(path).parent / mapping) if is_file else mapping
