"""What people answer from a message: links in mail that act, buttons in Slack, and that they want no more digests.

May import the core, `wire.output` and `wire.messages`.
"""
