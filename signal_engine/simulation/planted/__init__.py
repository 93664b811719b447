"""A market in which the truth about signals and deals is known, to try the statistics of `validate` on.

Imports the core and the wire; tests and benchmarks import it.
"""
