"""The peers of the live engine, each as a good user of its framework would write the job. They run in a virtual
environment of their own (`requirements.txt`) and import nothing of the engine."""
