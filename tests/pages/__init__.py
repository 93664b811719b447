"""The pages of docs/ and what they name: the code has it, under that name, with that figure."""
