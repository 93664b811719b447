"""Files: event and action files in order, tables, JSON and workbooks, files written whole or not at all, how far an
import has come, sorting on disk.

May import no other adapter.
"""
