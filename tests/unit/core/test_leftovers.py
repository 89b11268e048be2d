"""A test that writes where it stands is named the first time, and not found in a commit later."""

import subprocess
import sys
from pathlib import Path

import pytest

_CONFTEST = """
from tests.leftovers import Leftovers

def pytest_configure(config):
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Leftovers(config.rootpath))
"""
_TESTS = """
from pathlib import Path

def test_tidy():
    Path("build").mkdir()

def test_untidy():
    {act}
"""


@pytest.mark.parametrize(("workers", "untidy"), [("0", False), ("0", True), ("2", True)])
def test_a_run_fails_that_leaves_a_file_and_the_test_is_named(
    tmp_path: Path, workers: str, untidy: bool
) -> None:
    (tmp_path / "pytest.ini").touch()
    (tmp_path / ".gitignore").write_text("build/\n__pycache__/\n")
    (tmp_path / "conftest.py").write_text(_CONFTEST)
    act = 'Path("receipt-s-1.json").touch()' if untidy else "pass"
    (tmp_path / "test_it.py").write_text(_TESTS.format(act=act))
    line = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", workers, str(tmp_path)]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert "2 passed" in done.stdout
    assert done.returncode == (1 if untidy else 0)
    told = [line for line in done.stdout.splitlines() if "was left in" in line]
    assert len(told) == untidy
    if untidy:
        assert told[0].startswith("ERROR receipt-s-1.json")
        assert "test_untidy" in told[0]
