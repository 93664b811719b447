"""Reports as one HTML file each: no server, nothing loaded from elsewhere, printable.

Imports `wire.output`, and jinja2, which escapes every text.
"""
