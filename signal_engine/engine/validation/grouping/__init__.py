"""Calls by group: by what is known of their accounts, by who claimed them, by alert.

Imports the calls and deals of validation, its statistics, documents and the core; numpy.
"""
