"""A stock Faust agent that only parses events and adds up their strength: what `live_speed.py` measures against.

    python bench/live/stock_agent.py BOOTSTRAP GROUP TOPICS EVENTS

It is written as Faust's documentation writes agents, with its defaults, JSON and all. It reads EVENTS events, prints
how long that took from the first to the last, and ends.
"""

import os
import sys
import tempfile
import time
from typing import Any

import faust

BOOTSTRAP, GROUP, TOPICS, EVENTS = sys.argv[1:5]
sys.argv[1:] = ["worker", "--without-web", "--loglevel", "ERROR"]

app = faust.App(
    GROUP,
    broker=f"kafka://{BOOTSTRAP}",
    value_serializer="json",
    consumer_auto_offset_reset="earliest",
    topic_disable_leader=True,
    datadir=tempfile.mkdtemp(),
)


class Sum:
    """What has been read so far."""

    count = 0
    total = 0.0
    started = 0.0


@app.agent(app.topic(*TOPICS.split(",")))
async def add_up(stream: Any) -> None:
    """Parses and sums."""
    async for event in stream:
        if not Sum.count:
            Sum.started = time.perf_counter()
        Sum.count += 1
        Sum.total += event.get("confidence") or 1.0
        if Sum.count == int(EVENTS):
            seconds = time.perf_counter() - Sum.started
            os.write(1, f"\nstock {Sum.count} {seconds:.6f} {Sum.total:.0f}\n".encode())
            os._exit(0)


if __name__ == "__main__":
    app.main()
