"""The command line, one file per command.

Imports `entrypoints.wiring` and everything inwards; no command imports another's file but for shared output.
"""
