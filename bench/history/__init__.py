"""What ways of keeping accounts' past signals cost Redis."""
