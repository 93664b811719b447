"""What an event is worth: kinds, predicates, personas, and the rules and numbers of a scoring file as values.

The ground floor of the core: imports nothing of the other rooms, only `core.errors`.
"""
