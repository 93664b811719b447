"""What every room works with: store, Kafka, clock, event log, the active policy, retries, the instance lock.

Imports `engine.ports` and `engine.ingest`.
"""
