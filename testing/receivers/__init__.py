"""Receivers of what the engine sends, on this machine: they keep what came, and answer as the real ones do or as told.

May import what `testing` may, aiohttp and aiosmtpd.
"""
