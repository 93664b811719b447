"""Adapters talk to one outside system each: Faust, Kafka, Redis and its twin in memory, HTTP, files, terminal, log.

They implement `engine.ports` and import what is inwards; only entry points choose among them.
"""
