"""Configuration in: scoring file, ICP files, accounts file and plays file; every error names file and line.

May import the core and `wire.events` (for account names and hosts).
"""
