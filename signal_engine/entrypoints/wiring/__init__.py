"""Settings, and the adapters chosen by them: the only place where both meet.

May import everything inwards; no command.
"""
