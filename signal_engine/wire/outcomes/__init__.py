"""Outcomes, such as a meeting held or a deal won: bytes to one validated outcome, or a rejection, and back.

Imports the core, `wire.events` and `wire.instants`.
"""
