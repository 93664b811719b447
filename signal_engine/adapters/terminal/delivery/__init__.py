"""What becomes of alerts, for a terminal: the way of one alert.

Imports `wire.delivery` and `wire.output`, like its neighbours.
"""
