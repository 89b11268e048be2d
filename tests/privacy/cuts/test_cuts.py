"""Whoever pulls the plug in the middle of an erasure gets it whole or not at all, and no receipt that lies.

200 cuts of each kind; QAQPA_CUTS asks for another number. How both were seen to fail: ../README.md.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.faults.lossy_disk import why_not

CUTS = os.environ.get("QAQPA_CUTS", "200")
SEED = os.environ.get("QAQPA_SEED", "1")
MEMORY = Path("/dev/shm")  # noqa: S108 - what a file system in memory keeps is no secret of ours


def run(module: str, *arguments: str) -> str:
    """One of the programs beside this file, in a folder in memory: its cuts are not the real disk's."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        line = [sys.executable, "-m", f"tests.privacy.cuts.{module}", folder, *arguments]
        done = subprocess.run(line, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.timeout(3600 if int(CUTS) > 200 else 180)
def test_kill_9_at_any_line_of_an_erasure() -> None:
    assert f"cuts={CUTS} came to their end=0 broken=0" in run("kills", CUTS)


@pytest.mark.skipif(why_not() is not None, reason=f"{why_not()}")
@pytest.mark.timeout(3600 if int(CUTS) > 200 else 180)
def test_a_power_cut_at_any_change_of_a_file() -> None:
    assert f"cuts={CUTS} came to their end=0 broken=0 seed={SEED}" in run("power", CUTS, SEED)
