"""Kafka without Faust: the producer, the tail of a topic, whole topics read back, and a feeder for generated events.

May import its own rooms and `adapters.files` (for data larger than memory).
"""
