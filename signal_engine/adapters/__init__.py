"""Adapters talk to one outside system each: files, the disk that sorts, the terminal, Kafka, embedded servers."""
