"""Systems that follow: what each was told last, what it has to be told now, and sending the difference alone.

Imports ports, context, actions, partition and read_model.
"""
