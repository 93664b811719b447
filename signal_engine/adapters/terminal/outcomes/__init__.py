"""The reports that go by outcomes, as tables: `validate`, `calibrate`, `icp patterns`, `review`.

Imports `wire.output` and the terminal's own words; rich.
"""
