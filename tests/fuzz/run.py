"""Runs one fuzz target under atheris (among the requirements of developers on x86-64)."""

import importlib
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path


def fuzz(target: Callable[[bytes], None], seeds: Sequence[bytes]) -> None:
    """Until a fault is found or an option such as -max_total_time ends it."""
    atheris = importlib.import_module("atheris")
    atheris.instrument_all()
    with tempfile.TemporaryDirectory() as corpus:
        for number, seed in enumerate(seeds):
            (Path(corpus) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, corpus], target)
        atheris.Fuzz()
