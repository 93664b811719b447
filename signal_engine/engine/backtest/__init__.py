"""Replay: the live engine's decisions over event files, without Kafka and Redis.

Imports distribution and publishing (for ranked lists).
"""
