"""The ICP of somebody who has not written one: every account of the file fits."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

_TEXT: Final = """\
icp: everybody
version: 1
owner: {{name: nobody yet, email: nobody@invalid}}
review_by: {review_by}
base: 100
tiers: {{A: 50}}
decisions: {{A: chase}}
"""
_REVIEW_DAYS: Final = 90


def write_everybody(folder: Path, now: int) -> str:
    """Write it into `folder`, to be reviewed 90 days after `now` (ms); return its path."""
    path = folder / "everybody.yaml"
    review_by = datetime.fromtimestamp(now / 1000, UTC).date() + timedelta(days=_REVIEW_DAYS)
    path.write_text(_TEXT.format(review_by=review_by), "utf-8")
    return str(path)
