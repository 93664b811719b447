"""The terminal: tables for people on stdout, everything else on stderr, progress only where somebody watches.

Imports `adapters.files.text_files` (for the name of stdin) and no other adapter.
"""
