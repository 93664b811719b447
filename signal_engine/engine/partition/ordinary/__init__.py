"""Ordinary events of ordinary accounts, read and judged by somebody else than Python where there is one.

`judge` is the seam: without a judge, `triaged` has all records triaged by `engine.ingest`, and `evaluate_batch` all
events decided by `core.flow`. Imports triage, the cache of accounts and the builder of transactions.
"""
