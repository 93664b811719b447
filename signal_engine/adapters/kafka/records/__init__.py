"""Read record batches as Kafka sends them: decompress within limits, skip unreadable ones.

May import no other room of the adapter.
"""
