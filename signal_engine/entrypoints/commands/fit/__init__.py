"""`signal-engine fit`: load accounts into the running engine, and show what is decided of them. Imports wiring and
inwards.
"""
