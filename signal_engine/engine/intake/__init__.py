"""Maps rows of foreign exports to events: pure, row by row, after a survey of whole columns.

Each row gives events, or is passed over, or is refused with its field and reason. `requests` does the same for what
comes in over HTTP. Imports the core, the wire and the ports; no other room of the engine.
"""
