"""Probes and metrics of `digest --follow`."""
