"""Probes and metrics of `sync`: names of sinks and figures, no accounts.

Imports `http.description`, `http.edge` and `engine.sync`.
"""
