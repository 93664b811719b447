"""What the commands that publish rules share: their options, writing, and waiting until it is in force.

May import wiring, the rules and everything inwards.
"""
