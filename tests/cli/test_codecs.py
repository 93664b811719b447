"""A package by which records are unpacked is missing: that is said at start, before anything is read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.running import ROOT


@pytest.mark.parametrize("command", ["worker", "dlq list"])
def test_without_the_package_of_a_codec_nothing_is_begun(command: str, tmp_path: Path) -> None:
    (tmp_path / "cramjam.py").write_text("raise ImportError('no such package')\n")
    away = {"SIGNAL_ENGINE_REDIS_URL": "redis://127.0.0.1:1/0", "SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"}
    done = subprocess.run(
        [sys.executable, "-m", "signal_engine", *command.split()],
        cwd=ROOT,
        env={**os.environ, **away, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    for codec in ("snappy", "lz4", "zstd"):
        assert codec in done.stderr
