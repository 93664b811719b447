"""The connection, names of keys, scripts, errors as few words, and whether a write is on disk.

Imports no other room of the adapter.
"""
