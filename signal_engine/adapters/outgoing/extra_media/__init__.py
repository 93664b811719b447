"""The senders of media beside Slack, e-mail and webhooks: Teams, and whatever Apprise speaks to, outside the guard.

May import what `adapters.outgoing` may, and its rooms.
"""
