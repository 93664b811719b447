"""Whom to call now, or why not: the decision for one signal, and the alert as it is sent.

May import the other rooms of the core; nothing but `core.flow`, `core.acting` and `core.past_alerts` imports it here.
"""
