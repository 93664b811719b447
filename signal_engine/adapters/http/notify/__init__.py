"""Probes and metrics of the process that delivers.

Imports `edge`, and the figures of `engine.notify`.
"""
