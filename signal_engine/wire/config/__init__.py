"""Configuration in: scoring file, ICP files and accounts file, each error with file and line.

Imports the core and `wire.events` (for account names and hosts).
"""
