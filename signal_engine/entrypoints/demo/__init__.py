"""`signal-engine demo`: the whole engine live on one machine, with nothing to install.

Start at `command`. In the order of a run: `stage` starts the servers and the worker, `feed` provides the events
(generated journeys or your own; `moving` shifts their times), `playing` plays them, `watching` polls the results,
`showing` shows them.

May import `entrypoints.wiring`, the embedded servers and the simulation; no command.
"""
