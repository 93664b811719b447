"""Statistics of rates and lifts: intervals, tests and power, by numpy and scipy.

Imports those two and nothing of the engine: numbers in, numbers out.
"""
