"""How often `validate` is right: many planted markets, whose truth is known."""
