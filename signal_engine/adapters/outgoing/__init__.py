"""Requests to addresses that somebody configured: guarded, bounded, signed.

Webhooks, Slack and e-mail are here; Teams and Apprise (`extra_media`) and CRMs (`crm`) have rooms of their own.

Imports `engine.ports`, `wire`, `core`, aiohttp and aiosmtplib.
"""
