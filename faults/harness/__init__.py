"""What breaks things, watches what happens and judges what is left."""
