"""Drives all simulated gates from one thread with epoll, and counts what was confirmed."""

import gc
import os
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from edge.errors import QaqpaError
from sync.fleet.gate import Gate

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike  # paho has it for type checkers only

_SWEEP_SECONDS = 1.0
_WAIT_SECONDS = 0.02
_CONNECT_SECONDS = 0.02

Progress = Callable[[str, int, int], None]
"""What is going on, how much of it is done, out of how much."""


@dataclass(frozen=True, slots=True)
class Held:
    """What an open connection costs this process, and how long it took until all were open."""

    seconds: float
    kilobytes: float
    files: float


class Fleet:
    """Gates that connect, pass children evenly in turn, and wait for the hub."""

    def __init__(self, gates: Sequence[Gate], progress: Progress) -> None:
        self._gates = gates
        self._progress = progress
        self._selector = selectors.DefaultSelector()
        self._next_sweep = 0.0

    def connect(self, stop: Event, patience: float) -> tuple[int, Held]:
        """Until all are connected, `stop` is set or no other one was for so long.

        Returns how many are, and what they cost.
        """
        gc.collect()
        before, files = _resident_kilobytes(), _open_files()
        start = since = time.monotonic()
        most = 0
        while (ready := self.ready) < len(self._gates) and not stop.is_set():
            if ready > most:
                most, since = ready, time.monotonic()
            if time.monotonic() - since > patience:
                break
            self._turn()
            self._progress("connected", ready, len(self._gates))
        seconds = time.monotonic() - start
        gc.collect()
        each = max(ready, 1)
        return ready, Held(seconds, (_resident_kilobytes() - before) / each, (_open_files() - files) / each)

    def run(self, per_second: float, seconds: float, stop: Event) -> float:
        """Let events happen at that rate for so long; returns how long it took."""
        start, made, total = time.monotonic(), 0, round(per_second * seconds)
        while made < total and not stop.is_set():
            due = min(total, int((time.monotonic() - start) * per_second) + 1)
            for number in range(made, due):
                gate = self._gates[number % len(self._gates)]
                gate.rows.add(gate.identity)
                if gate.ready:
                    gate.work(time.monotonic())
            made = due
            self._turn()
            self._progress("events", made, total)
        return time.monotonic() - start

    def drain(self, patience: float, stop: Event) -> float:
        """Until all is confirmed, or nothing was for so long; returns how long the last one took."""
        start = since = time.monotonic()
        last = self.confirmed
        while self.confirmed < self.made and time.monotonic() - since < patience and not stop.is_set():
            self._turn()
            if self.confirmed > last:
                last, since = self.confirmed, time.monotonic()
            self._progress("confirmed", self.confirmed, self.made)
        return since - start

    def close(self) -> None:
        """All say goodbye."""
        for gate in self._gates:
            gate.close()
        self._selector.close()

    @property
    def ready(self) -> int:
        """Gates that are connected and subscribed."""
        return sum(gate.ready for gate in self._gates)

    def why(self) -> QaqpaError | None:
        """What keeps a gate that is not connected from it."""
        return next((gate.why() for gate in self._gates if gate.problem is not None), None)

    @property
    def made(self) -> int:
        """Events that happened."""
        return sum(gate.rows.number for gate in self._gates)

    @property
    def confirmed(self) -> int:
        """Events that the hub has confirmed."""
        return sum(len(gate.rows.seconds) for gate in self._gates)

    def _turn(self) -> None:
        self._connect_some()
        for key, _ in self._selector.select(_WAIT_SECONDS):
            key.data.work(time.monotonic(), readable=True)
        now = time.monotonic()
        if now >= self._next_sweep:
            self._next_sweep = now + _SWEEP_SECONDS
            for gate in self._gates:
                gate.work(now)

    def _connect_some(self) -> None:
        """A handshake blocks: only for a moment at a time, so that the others go on."""
        start = time.monotonic()
        for gate in [each for each in self._gates if not each.connected and each.retry_at <= start]:
            if time.monotonic() - start > _CONNECT_SECONDS:
                return
            gate.connect(partial(self._opened, gate), self._closing)

    def _closing(self, closed: "SocketLike") -> None:
        self._selector.unregister(closed)

    def _opened(self, gate: Gate, opened: "SocketLike") -> None:
        if isinstance(opened, socket.socket):
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(opened, selectors.EVENT_READ, gate)


def _open_files() -> int:
    return len(os.listdir("/proc/self/fd"))


def _resident_kilobytes() -> float:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1024
