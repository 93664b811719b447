"""CRMs on this machine that enforce the real ones' limits and shapes: for tests, faults, and to try `sync` without one.

May not import the package.
"""
