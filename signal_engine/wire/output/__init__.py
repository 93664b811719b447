"""What leaves the engine: list entries, alerts, explanations and API answers as typed documents, with their words.

Imports the core and `wire.events`; one score is explained by the same functions wherever it appears.
"""
