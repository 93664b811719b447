"""Adapters talk to one outside system each: files, sorting on disk, the terminal, Kafka, Redis and its twin."""
