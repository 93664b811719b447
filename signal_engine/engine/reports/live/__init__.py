"""Feeds the reports from live state: a scan of what the store keeps, a batch at a time, changing nothing.

Imports ports, context, ingest (what came in), outcomes, actions (the overlay), partition (accounts as stored), fit
(accounts as loaded), read_model (rules in force) and `misses`.
"""
