"""What every room uses: store, Kafka, clock, event log, active policy, retries, instance lock.

May import `engine.ports` and `engine.ingest`.
"""
