"""What telling people does."""
