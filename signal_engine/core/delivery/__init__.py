"""Where an alert goes, to whom, and when: routes and people, and the decision over them (delivery.md).

May import `alerting`, `fit`, `actions` and `rules`. Instants are ms since 1970; what depends on a calendar goes by the
zones that people and routes carry.
"""
