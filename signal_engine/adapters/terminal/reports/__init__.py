"""Reports as tables that the owner of a rule reads.

Imports the terminal's wording; each function shows one document.
"""
