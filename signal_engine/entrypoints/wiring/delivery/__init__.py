"""What delivery is put together from: senders by the routes file, their settings, and what their messages say.

Imports `adapters`, `engine` and the files of `wiring`.
"""
