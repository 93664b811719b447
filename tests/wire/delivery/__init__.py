"""Delivery: the routes file, alerts as they are read, messages."""
