"""One page on an ICP, `icp show`: the document, and its words for the terminal and the sheet.

Imports the core and the rest of `wire.output`.
"""
