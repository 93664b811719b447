"""Topics and cluster: create topics, check their settings, check that they are still the same.

May import `adapters.kafka.connecting` and `adapters.kafka.records`.
"""
