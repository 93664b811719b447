"""Kafka: how to connect, and which topics there must be."""
