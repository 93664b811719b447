"""Servers that come in wheels (extra `demo`), for one machine with nothing installed: Valkey and a Kafka broker.

Imports `adapters.kafka` (to see that the broker answers); only the demo and tests import it.
"""
