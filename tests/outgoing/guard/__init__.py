"""How the guard of outgoing requests is got at."""
