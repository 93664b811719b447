"""What telling people does: accounts held back at random against those told of, the only causal figure of `validate`.

Imports `validation` beside it, the routing of core (who was held back when) and wire's documents.
"""
