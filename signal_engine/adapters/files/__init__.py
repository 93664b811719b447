"""Files: event files in order, text files and gzip, sorting on disk what memory does not hold.

Imports no other adapter.
"""
