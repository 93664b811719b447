"""What the rules miss: one builder per report, from an evaluated market to a document.

Imports fit (accounts as read) and the core; every builder takes a `market`.
"""
