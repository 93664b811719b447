"""A black box around the engine: its processes, its topics, the servers that they need. Tests, faults and benchmarks
drive it by this. Nothing here imports the package: what is tested does not decide how it is looked at.
"""
