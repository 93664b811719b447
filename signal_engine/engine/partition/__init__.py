"""One partition number: its consumer loop, a batch processed and evaluated, the transaction built and applied.

Start at `process_batch`. Imports ports, ingest, context and dead_letters.
"""
