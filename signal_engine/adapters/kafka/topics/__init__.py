"""Topics and the cluster: what there must be, what there is, and whether it is still the same.

Imports `adapters.kafka.connecting` and `adapters.kafka.records`.
"""
