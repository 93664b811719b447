"""The page Inbox: messages that stay on this machine, with buttons that act as those in Slack do.

Imports `dashboard`, `replies` and rooms further in.
"""
