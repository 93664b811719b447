"""The live engine of one worker: the partitions it owns, their tasks, and rebuilding them from Kafka.

Imports rooms nearer the ground floor; only entry points import it.
"""
