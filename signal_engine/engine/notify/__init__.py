"""The process that delivers alerts: plans each from the topic of alerts into the ledger, and sends what is due.

Imports `context` (retries only), `engine.ports`, and wire and core.
"""
