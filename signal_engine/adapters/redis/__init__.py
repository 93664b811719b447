"""The store of steps in Redis or Valkey: names of keys, one transaction a step, errors as few words."""
