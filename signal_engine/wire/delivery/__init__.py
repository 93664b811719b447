"""Delivery, both ways: the routes file and alerts to values, and what a plan says to documents and words.

Imports `core.delivery`, `wire.config`, `wire.output` and rooms further in.
"""
