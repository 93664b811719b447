"""The pages themselves: which path shows what, out of which template, and how long it is kept.

One file per group of pages. Imports what is beside it in `dashboard`, and what that may import.
"""
