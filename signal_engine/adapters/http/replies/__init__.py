"""What people reply to a message where they read it: links in mail, buttons in Slack. Both act through the door.

Imports `adapters.http.edge`, the engine and further in. Nobody needs a token here: what is asked for is signed.
"""
