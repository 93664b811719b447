"""`signal-engine icp`: learn an ICP, try one over files without servers, publish it, and look up what was published.

May import wiring, what publications share, the reports, rules and validation of the engine and their tables.
"""
