"""Record batches as Kafka sends them: unpacked within bounds, read, skipped where they cannot be read.

Imports no other room of the adapter.
"""
