"""The commands about delivery, as users run them."""
