"""Account actions that hide at once: an overlay of what has been read of them and not been applied yet.

Imports ports, ingest and context.
"""
