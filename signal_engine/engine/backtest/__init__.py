"""Replay: the live engine's decisions over event files, without Kafka and Redis.

Imports distribution, publishing (for ranked lists), partition (its judge of ordinary events) and actions (what hides).
"""
