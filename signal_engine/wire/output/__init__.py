"""What leaves the engine: list entries, alerts, explanations and API answers as typed documents, with their words.

Imports the core, `wire.events` and `wire.actions`; one score is explained by the same functions wherever it appears.
"""
