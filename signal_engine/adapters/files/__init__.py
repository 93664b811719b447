"""Files: event files in order, text files and gzip, sorting on disk what memory does not hold.

May import no other adapter.
"""
