"""The event log as JSON lines on stderr.

May import no other adapter.
"""
