"""Says at the end which drivers kept the contract, in one line each."""

import re
from collections import Counter

import pytest

from tests.contract.turnstiles import HARNESSES

SUITE = re.compile(r"tests/contract/test_turnstiles\.py::\w+\[(.+)\]")
OUTCOMES = ("passed", "failed", "error", "skipped")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counts: dict[str, Counter[str]] = {}
    for outcome in OUTCOMES:
        for report in terminalreporter.stats.get(outcome, []):
            found = SUITE.search(report.nodeid)
            if found:
                counts.setdefault(driver_of(found[1]), Counter())[outcome] += 1
    if counts:
        terminalreporter.section("turnstile drivers")
    for driver in sorted(counts):
        told = ", ".join(
            f"{counts[driver][outcome]} {outcome}" for outcome in OUTCOMES if counts[driver][outcome]
        )
        terminalreporter.line(f"{driver:26} {told}")


def driver_of(parameters: str) -> str:
    """The longest name that begins a test's parameters: lcus-silent, not lcus."""
    return max((name for name in HARNESSES if parameters.startswith(name)), key=len, default=parameters)
