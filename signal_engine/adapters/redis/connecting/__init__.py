"""Connection, key names, scripts, errors, and whether a write is on disk.

May import no other room of the adapter.
"""
