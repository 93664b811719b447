"""Mappings: how the columns or paths of somebody else's export become our events or accounts.

Imports the core, `wire.config` (YAML with lines, names of columns) and `wire.events` (the models of the kinds).
"""
