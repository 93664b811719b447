"""The life of a rule: publications of ICPs and scoring files decided, and brought into force by one coordinator.

Imports ports, context and fit.
"""
