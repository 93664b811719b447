"""Folders of sinks: files that systems outside read.

Imports `adapters.files` and `engine.sync`.
"""
