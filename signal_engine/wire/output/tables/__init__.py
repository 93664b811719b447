"""Lists and other tables as CSV that spreadsheets read as it is meant.

Imports `wire.output` and core.
"""
