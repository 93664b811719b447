"""Dead letters, rerouting, and the circuit breaker that pauses topics; redriving after a fix.

May import `engine.ports`, `engine.ingest` and `engine.context`.
"""
