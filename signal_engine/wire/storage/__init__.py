"""Stored data as bytes and back, lossless: account states, fit rows, and documents of what is in force.

Imports the core; no other room of the wire.
"""
