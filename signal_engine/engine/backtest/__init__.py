"""The same judgement over event files, in order, with no Kafka and no Redis.

Imports distribution and publishing (for ranked lists).
"""
