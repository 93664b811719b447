"""Processes that die at a named step of their work."""
