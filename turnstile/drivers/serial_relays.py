"""Relay boards that take short commands over a serial line; what tells them apart is their dialect."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

from turnstile.drivers.feedback import Feedback
from turnstile.drivers.line import SerialLine

LONGEST_REST = 256
LISTEN_SECONDS = 0.01


class Dialect(Protocol):
    """The bytes of one family of boards; no method raises."""

    baud: int

    def command(self, channel: int, *, on: bool) -> bytes:
        """What switches one relay; repeating it moves nothing."""

    def question(self, wanted: Mapping[int, bool]) -> bytes:
        """What makes a board that answers say how these channels stand (`wanted`: how they should)."""

    def heard(self, received: bytes) -> tuple[dict[int, bool], bytes]:
        """What a board said about its channels, and the end of it that may still become a statement."""


class SerialRelays:
    """The relays of such a board."""

    def __init__(self, port: Path, dialect: Dialect, clock: Callable[[], float] = time.monotonic) -> None:
        self._line = SerialLine(port, dialect.baud)
        self._dialect = dialect
        self._clock = clock
        self._wanted: dict[int, bool] = {}
        self._rest = b""
        self._feedback = Feedback(f"the relay board at {port}")

    def open(self) -> None:
        """Open the port."""
        self._line.open()
        self._wanted.clear()

    def on(self, channel: int) -> None:
        """Close a relay. The board keeps it closed even if this program ends: it has no time limit."""
        self._switch(channel, on=True)

    def latch(self, channel: int) -> None:
        """Close a relay."""
        self._switch(channel, on=True)

    def off(self, channel: int) -> None:
        """Open a relay."""
        self._switch(channel, on=False)

    def confirm(self) -> None:
        """Wait for the answer of a board that is known to give one."""
        if not self._feedback.answered:
            return
        self._ask()
        while self._feedback.waiting:
            self._listen(LISTEN_SECONDS)

    def step(self) -> None:
        """Listen, and ask when it is time."""
        self._listen(0)
        if self._wanted and self._feedback.due(self._clock()):
            self._ask()

    def close(self) -> None:
        """Free the port."""
        self._line.close()

    def _switch(self, channel: int, *, on: bool) -> None:
        self._line.write(self._dialect.command(channel, on=on))
        self._wanted[channel] = on
        self._feedback.told(self._clock())

    def _ask(self) -> None:
        self._line.discard()
        self._rest = b""
        self._line.write(self._dialect.question(self._wanted))
        self._feedback.asked(self._wanted, self._clock())

    def _listen(self, wait: float) -> None:
        states, rest = self._dialect.heard(self._rest + self._line.read(wait))
        self._rest = rest[-LONGEST_REST:]
        self._feedback.heard(states, self._clock())
        self._feedback.pass_time(self._clock())
