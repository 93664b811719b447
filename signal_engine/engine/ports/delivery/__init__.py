"""What delivery asks of the outside: a ledger of deliveries, senders for the media, the topic of alerts.

Imports core, wire and the other ports.
"""
