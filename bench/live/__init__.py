"""The live engine beside its peers: where it runs, what it is fed, what is measured."""
