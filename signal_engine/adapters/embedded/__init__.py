"""Servers that come in wheels (extra `demo`), for one machine with nothing installed: Valkey and a Kafka broker."""
