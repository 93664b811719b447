"""Probes and metrics of `digest --follow`: names of destinations and figures, no accounts.

Imports `edge`, and the figures of `engine.digests`.
"""
