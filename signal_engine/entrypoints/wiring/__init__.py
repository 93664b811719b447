"""Settings, and the adapters they choose: the only place where both meet.

Imports everything inwards; no command.
"""
