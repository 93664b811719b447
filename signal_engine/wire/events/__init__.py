"""Events in: bytes to one validated event, its account named by registrable domain, or a rejection with its reason.

Imports the core and `wire.instants`; no other room of the wire.
"""
