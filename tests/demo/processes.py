"""Starts the product's commands as a school's machines would, and follows what they log."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 10
Line = dict[str, Any]
"""One structured log line."""


class DemoFailed(Exception):
    """The demo did not go as its script says."""


def command(name: str) -> str:
    """An installed command of this environment."""
    return str(Path(sys.executable).with_name(name))


def run(name: str, *arguments: object, typed: str | None = None) -> str:
    """Run a command to its end and return what it printed; `typed` goes to its standard input.

    Raises DemoFailed with its complaint.
    """
    done = subprocess.run(
        [command(name), *map(str, arguments)],
        input=typed,
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
        timeout=120,
    )
    if done.returncode:
        raise DemoFailed(f"{name} {arguments[0]} failed: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def says(event: str) -> Callable[[Line], bool]:
    """Whether a log line is of this event."""
    return lambda line: bool(line.get("event") == event)


class Service:
    """A long-running command; its log goes to a file and, line by line, to whoever waits for it."""

    def __init__(self, folder: Path, name: str, *arguments: object) -> None:
        self._name = name
        self._lines: SimpleQueue[tuple[float, Line]] = SimpleQueue()
        self._log = (folder / f"{name}.log").open("w", encoding="utf-8")
        self.process = subprocess.Popen(
            [command(name), *map(str, arguments)],
            stdout=self._log,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def wait_for(self, wanted: Callable[[Line], bool], what: str, seconds: float = 30) -> tuple[float, Line]:
        """The next log line that is wanted, with the wall time of its arrival. Raises DemoFailed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                at, line = self._lines.get(timeout=0.1)
            except Empty:
                if self.process.poll() is not None:
                    raise DemoFailed(
                        f"{self._name} ended while waiting for {what}: see {self._log.name}"
                    ) from None
                continue
            if wanted(line):
                return at, line
        raise DemoFailed(f"{self._name} did not say within {seconds:.0f} s: {what}; see {self._log.name}")

    def stop(self) -> None:
        """End it as systemd would."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        self._log.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for text in self.process.stderr:
            self._log.write(text)
            self._log.flush()
            try:
                line = json.loads(text)
            except json.JSONDecodeError:
                continue
            if isinstance(line, dict):
                self._lines.put((time.time(), line))
        self.process.stderr.close()
