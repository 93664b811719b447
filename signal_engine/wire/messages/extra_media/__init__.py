"""What media beside Slack, e-mail and webhooks get: cards of Teams, and plain text.

May import the core and `wire.messages`.
"""
