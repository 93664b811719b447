"""Kafka without Faust: the producer, the tail of a topic, whole topics read back, and a feeder for generated events.

Imports its own rooms and `adapters.files` (for what memory does not hold).
"""
