"""Calibration: thresholds for a capacity, and fits."""
