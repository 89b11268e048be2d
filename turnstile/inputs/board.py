"""Inputs from a simulated board: reads the lines of `turnstile.boards.passages`."""

import os
import termios
import time
import tty
from collections.abc import Callable
from pathlib import Path

from edge.errors import TurnstileError
from turnstile.boards.passages import parse_line
from turnstile.gate_messages import FireAlarm, Signal

LONGEST_LINE = 64


class BoardPassages:
    """Reads what a simulated board tells; raises TurnstileError at construction if it is not there."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._burning = False
        self._pending = b""
        try:
            self._terminal: int | None = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        except OSError as error:
            raise TurnstileError(f"no simulated board at {path}", "Start it first, then the gate") from error
        try:
            tty.setraw(self._terminal)
        except termios.error as error:
            self.close()
            raise TurnstileError(f"{path} is no terminal", "Name the path that the board prints") from error

    def poll(self) -> list[Signal]:
        """Every complete line since the last call; noise is passed over. A board that ended is silent."""
        signals: list[Signal] = []
        *lines, rest = (self._pending + self._read()).split(b"\n")
        self._pending = rest[-LONGEST_LINE:]
        for line in lines:
            told = parse_line(line, self._clock())
            if isinstance(told, bool):
                self._burning = told
            elif told is not None:
                signals.append(told)
        return [*signals, FireAlarm()] if self._burning else signals

    def close(self) -> None:
        """Close the terminal."""
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None

    def _read(self) -> bytes:
        if self._terminal is None:
            return b""
        try:
            return os.read(self._terminal, 4096)
        except OSError:  # nothing to read yet, or the board ended
            return b""
