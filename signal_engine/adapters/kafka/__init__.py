"""Kafka without Faust: the producer, the tail of a topic, whole topics read back, and a feeder for generated events.

May import its own rooms, `adapters.files.text_files` (an error in words) and everything inwards.
"""
