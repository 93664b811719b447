"""`validate`, `calibrate` and `review`: does the score predict, and what follows? They need the extra `validation`.

May import wiring, the engine's validation and its tables; those only once the extra is known to be there.
"""
