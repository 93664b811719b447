"""Reports on people's work: whether what is hot can be worked on, and how soon somebody responds.

Imports `reports.misses` (what every report is made of), the core and the wire; no other room of the engine.
"""
