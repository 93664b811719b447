"""The native part against Python on real servers, for as long as one likes. Imports `faults.harness` and the engine."""
