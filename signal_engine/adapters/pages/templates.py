"""The templates of all pages."""

from jinja2 import Environment, PackageLoader, StrictUndefined


def templates() -> Environment:
    """Every text is escaped, and a name that a template does not get is an error."""
    return Environment(
        loader=PackageLoader("signal_engine.adapters.pages", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
