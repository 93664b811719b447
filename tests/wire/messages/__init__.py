"""Messages: the content, and each medium with its limits and its escaping."""
