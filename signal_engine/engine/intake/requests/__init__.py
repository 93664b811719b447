"""What comes in over HTTP: events as somebody sends them, and deliveries of webhooks, to records or why not.

Imports the rest of `engine.intake`, the wire and the ports.
"""
