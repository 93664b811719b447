"""Replies to messages: links in mails, buttons in Slack."""
