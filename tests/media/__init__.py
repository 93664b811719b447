"""Text of other people in every medium: one table of texts, one of media."""
