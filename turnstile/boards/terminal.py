"""A simulated relay board on a pseudo-terminal: cable, relays and people; its bytes are in the files beside.

People at its turnstile can be simulated too; what they do is written, a line a fact, to a second
pseudo-terminal that `turnstile.inputs.board` reads. Pulled out and plugged in again, the board comes back
under another terminal, as a real one does; `link` stays, as /dev/serial/by-id does.
"""

import contextlib
import os
import threading
import time
import tty
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path

from edge.domain.events import Direction
from turnstile.boards.passages import Told, fire_line, signal_line
from turnstile.boards.people import People

STEP_SECONDS = 0.005


class TerminalBoard(ABC):
    """Serves its terminal in a thread of its own from construction to `close`; `channels` is how many it has.

    `answers`: say what it says to a command, as some boards do and some do not. `on_change(channel, on)` is
    called in that thread. `people` walk when the channel of their direction closes: the first is the way in,
    the second the way out, unless `channels_of` says otherwise.
    """

    first_channel = 1

    def __init__(
        self,
        channels: int,
        *,
        answers: bool = True,
        link: Path | None = None,
        on_change: Callable[[int, bool], None] | None = None,
        people: People | None = None,
        channels_of: Mapping[int, Direction] | None = None,
    ) -> None:
        self._relays = dict.fromkeys(range(self.first_channel, self.first_channel + channels), False)
        self._stuck: set[int] = set()
        self._ever_closed: set[int] = set()
        self._answers = answers
        self._link = link
        self._on_change = on_change
        self._people = people
        first = self.first_channel
        self._channels_of = channels_of or {first: Direction.IN, first + 1: Direction.OUT}
        self._lock = threading.RLock()  # on_change may ask for the relays
        self._burning = False
        self._received = bytearray()
        self._pending = bytearray()
        self._ends: tuple[int, int] | None = None
        self._passages: tuple[int, int] | None = open_terminal() if people else None
        self._stop = threading.Event()
        self.port = Path()
        self.replug()
        self._thread = threading.Thread(target=self._serve, name="relay-board", daemon=True)
        self._thread.start()

    @property
    def name(self) -> Path:
        """Where a gate finds it, now and after a replug if it has a lasting name."""
        return self._link or self.port

    @property
    def passages(self) -> Path | None:
        """Where the passages are told, if people are simulated."""
        return Path(os.ttyname(self._passages[1])) if self._passages else None

    @property
    def relays(self) -> dict[int, bool]:
        """Every channel and whether its relay is closed."""
        with self._lock:
            return dict(self._relays)

    @property
    def ever_closed(self) -> frozenset[int]:
        """The channels whose relay was closed at any time, however short."""
        with self._lock:
            return frozenset(self._ever_closed)

    @property
    def received(self) -> bytes:
        """Every byte that came over the wire so far."""
        with self._lock:
            return bytes(self._received)

    def unplug(self) -> None:
        """Pull the cable: the terminal hangs up and, without power, all relays drop."""
        with self._lock:
            ends, self._ends = self._ends, None
            self._pending.clear()
            for end in ends or ():
                os.close(end)
            if self._link:
                self._link.unlink(missing_ok=True)
            for channel in self._relays:
                self.switch(channel, on=False)

    def replug(self) -> None:
        """Put the cable back: a new terminal, all relays off."""
        with self._lock:
            if self._ends:
                return
            self._ends = open_terminal()
            self.port = Path(os.ttyname(self._ends[1]))
            if self._link:
                self._link.unlink(missing_ok=True)
                self._link.symlink_to(self.port)

    def say(self, noise: bytes) -> None:
        """Send bytes that nobody asked for."""
        with self._lock:
            if self._ends:
                send(self._ends[0], noise)

    def tell(self, fact: Told) -> None:
        """Tell of something at the turnstile that no simulated person does, such as a lost power supply."""
        with self._lock:
            if self._passages:
                send(self._passages[0], signal_line(fact))

    def fall_silent(self) -> None:
        """Obey from now on without a word."""
        with self._lock:
            self._answers = False

    def answer_again(self) -> None:
        """Speak again."""
        with self._lock:
            self._answers = True

    def stick(self, channel: int) -> None:
        """Close a relay that obeys no more from now on."""
        with self._lock:
            self.switch(channel, on=True)
            self._stuck.add(channel)

    def close(self) -> None:
        """Stop serving and give the terminals back."""
        self._stop.set()
        self._thread.join()
        self.unplug()
        for end in self._passages or ():
            os.close(end)
        self._passages = None

    @abstractmethod
    def obey(self, pending: bytearray) -> None:
        """Carry out what came over the wire and take it off; the lock is held."""

    def pass_time(self) -> None:
        """One step of the board's own clock; the lock is held."""
        if self._people and self._passages:
            now = time.monotonic()
            for passage in self._people.due(now):
                send(self._passages[0], signal_line(passage))
            if self._people.burning(now) is not self._burning:
                self._burning = not self._burning
                send(self._passages[0], fire_line(burning=self._burning))

    def answer(self, data: bytes) -> None:
        """Say something, if this board does."""
        if self._answers and self._ends:
            send(self._ends[0], data)

    def switch(self, channel: int, *, on: bool) -> None:
        """Move one relay; the lock is held."""
        if self._relays[channel] is on or channel in self._stuck:
            return
        self._relays[channel] = on
        if on:
            self._ever_closed.add(channel)
        if self._on_change:
            self._on_change(channel, on)
        if not self._people or channel not in self._channels_of:
            return
        if on:
            self._people.released(self._channels_of[channel], time.monotonic())
        else:
            self._people.locked()

    def _serve(self) -> None:
        # Short looks instead of a blocking wait: a terminal that a thread waits on does not hang up.
        while not self._stop.wait(STEP_SECONDS):
            with self._lock:
                self.pass_time()
                if self._ends:
                    self._listen(self._ends[0])

    def _listen(self, master: int) -> None:
        try:
            data = os.read(master, 4096)
        except BlockingIOError:
            return
        self._received += data
        self._pending += data
        self.obey(self._pending)


def open_terminal() -> tuple[int, int]:
    """Open a raw pseudo-terminal that never blocks its board; returns the board's end and the other one.

    The board keeps both: with the far end closed it would see hang-ups between two users of the port.
    """
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave


def send(end: int, data: bytes) -> None:
    """Write. Nobody has to read what a board says: in a full terminal the rest is lost, as on a wire."""
    with contextlib.suppress(BlockingIOError):
        os.write(end, data)
