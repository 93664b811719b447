"""The topic `rules`, which holds the published rules: its records to values and back. Errors are values. Imports events
and actions.
"""
