"""`python -m signal_engine` is the command `signal-engine`."""

from signal_engine.entrypoints.cli import main

main(prog_name="signal-engine")
