"""Configuration in: scoring file, ICP files and accounts file; every error names file and line.

May import the core and `wire.events` (for account names and hosts).
"""
