"""The terminal: tables on stdout, messages on stderr, progress bars only on a terminal.

May import `adapters.files.text_files` (for the name of stdin) and no other adapter.
"""
