"""`signal-engine schemas`: JSON Schemas and the AsyncAPI document, from the models."""

from pathlib import Path

import click

from signal_engine.wire.contracts.schemas import schema_files


@click.command()
@click.option(
    "--check", is_flag=True, help="Write nothing; report files that are out of date and exit with 1 if there are any."
)
@click.option("--directory", type=click.Path(file_okay=False), default="schemas", show_default=True)
def schemas(check: bool, directory: str) -> None:  # noqa: FBT001 (click passes it by name)
    """Write JSON Schemas and the AsyncAPI document."""
    root = Path(directory)
    wanted = {root / name: text for name, text in schema_files().items()}
    stale = [path for path, text in wanted.items() if not path.is_file() or path.read_text("utf-8") != text]
    surplus = [path for path in sorted(root.rglob("*.json")) if path not in wanted]
    if check:
        for path in stale:
            click.echo(f"out of date: {path}")
        for path in surplus:
            click.echo(f"not generated: {path}")
        if stale or surplus:
            click.echo("Update them with `signal-engine schemas`.", err=True)
            raise SystemExit(1)
        click.echo(f"{len(wanted)} files are up to date", err=True)
        return
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path], "utf-8")
    for path in surplus:
        click.echo(f"not generated, remove it by hand: {path}", err=True)
    click.echo(f"{len(stale)} written, {len(wanted) - len(stale)} unchanged in {root}", err=True)
