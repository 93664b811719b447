"""`signal-engine try`: somebody's own exports, from the files to the dashboard in one command.

May import the demo (which runs the whole engine), the import of exports, and wiring.
"""
