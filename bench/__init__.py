"""Speed, as ratios inside one run. Not part of the package and not of its tests."""
