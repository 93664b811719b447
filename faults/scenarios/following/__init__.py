"""Systems that follow the engine: what they have when the process that sends dies. Imports `faults.harness`."""
