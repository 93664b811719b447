"""What goes wrong around `notify`: its own death, its ledger, its receivers, its records; and the death of `digest`."""
