"""State feeds: what is so now, compared with what was so last, becomes events.

Imports the rest of `engine.intake` but `requests`, the wire and the ports.
"""
