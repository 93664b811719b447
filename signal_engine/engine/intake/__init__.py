"""Rows of somebody else's export to events: pure, one row at a time, after a look at whole columns.

A row gives events, or is passed over, or is refused with its field and reason; nothing else happens to it. Imports the
core and the wire; no other room of the engine.
"""
