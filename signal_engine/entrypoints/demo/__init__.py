"""`signal-engine demo`: the whole engine on one machine, with nothing installed, fed while one looks on.

Start at `command`. In the order of a run: `stage` starts the servers and the worker, `feed` says what is played
(generated journeys, or one's own events, `moving` moves their times), `playing` plays it, `watching` sees what the
engine makes of it, `showing` tells it.

Imports `entrypoints.wiring`, the embedded servers and the simulation; no command.
"""
