"""Whom to call now, or why not: the decision for one signal, the alert as it is sent, and the next step by the plays.

May import the other rooms of the core; nothing but `core.flow`, `core.acting` and `core.past_alerts` imports it here.
"""
