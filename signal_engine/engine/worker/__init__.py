"""The live engine of one worker: the partitions it owns, their tasks, and rebuilding them from Kafka.

Imports the rooms below it; only entry points import it.
"""
