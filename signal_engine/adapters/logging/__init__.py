"""The event log as JSON lines on stderr.

Imports no other adapter.
"""
