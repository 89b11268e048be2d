"""A run that leaves something in the repository's root fails; the tests that ran at that moment are named."""

from fnmatch import fnmatch
from pathlib import Path

import pytest

_TICK = 0.01
"""Seconds by which the kernel's time of a file may lag behind the clock."""


class Leftovers:
    """A plugin of pytest for the process that sees all reports; what .gitignore names may come and go."""

    def __init__(self, root: Path) -> None:
        self._root = root
        ignored = (root / ".gitignore").read_text("utf-8").splitlines()
        self._ignored = [line.strip("/") for line in ignored if line]
        self._before = self._entries()
        self._left: set[str] = set()
        self._ran: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note when each test ran, also in another worker of pytest-xdist."""
        self._ran.append(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look what is new once every test is over."""
        self._left = self._entries() - self._before
        if self._left and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell it below all else."""
        for name in sorted(self._left):
            tests = ", ".join(self._at(self._root / name)) or "no test of this run"
            terminalreporter.write_line(f"ERROR {name} was left in {self._root}, written during: {tests}")

    def _entries(self) -> set[str]:
        return {
            path.name
            for path in self._root.iterdir()
            if not any(fnmatch(path.name, pattern) for pattern in self._ignored)
        }

    def _at(self, path: Path) -> list[str]:
        """The tests that ran when it was written last; with several workers there may be more than one."""
        written = path.stat().st_mtime
        return sorted({each.nodeid for each in self._ran if each.start - _TICK <= written <= each.stop})
