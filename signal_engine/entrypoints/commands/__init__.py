"""The command line, one file per command.

May import `entrypoints.wiring` and everything inwards; commands share nothing with each other but output.
"""
