"""What is broken, one function a scenario; `faults.registry` lists them."""
