"""CRMs that follow: their calls, within their limits, and what their answers mean for each record.

Imports `adapters.outgoing`, `engine.sync` and rooms further in.
"""
