"""Entry points start things: the command line, and the wiring that chooses adapters.

They import everything inwards; nothing imports them.
"""
