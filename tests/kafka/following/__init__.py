"""Readers that follow topics beside the consumer group, on a real broker."""
