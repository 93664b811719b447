"""Who fits, who may be on a list, and in which order: the ICP's decision, eligibility, ranking, and reasons why not.

Imports `core.rules`, `core.actions` and `core.score`; a signal never changes what `icp` decides.
"""
