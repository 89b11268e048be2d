"""A simulated LCUS relay board on a pseudo-terminal: the bytes of the real one (`A0 ch op sum8`).

People at its turnstile can be simulated too; what they do is written, a line a fact, to a second
pseudo-terminal that `turnstile.inputs.board` reads. Pulled out and plugged in again, the board comes back
under another terminal, as a real one does; `link` stays, as /dev/serial/by-id does.
"""

import contextlib
import os
import threading
import time
import tty
from collections.abc import Callable, Mapping
from pathlib import Path

from edge.domain.events import Direction
from turnstile.boards.passages import fire_line, passage_line
from turnstile.boards.people import People
from turnstile.drivers.lcus import FRAME_BYTES, START, frame

STEP_SECONDS = 0.005


class LcusBoard:
    """Serves its terminal in a thread of its own from construction to `close`.

    `answers`: echo every obeyed frame, as some boards do. `on_change(channel, on)` is called in that
    thread. `people` walk when the channel of their direction in `channels_of` closes.
    """

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
        self._relays = dict.fromkeys(range(1, channels + 1), False)
        self._answers = answers
        self._link = link
        self._on_change = on_change
        self._people = people
        self._channels_of = channels_of or {}
        self._lock = threading.RLock()  # on_change may ask for the relays
        self._burning = False
        self._received = bytearray()
        self._pending = bytearray()
        self._ends: tuple[int, int] | None = None
        self._passages: tuple[int, int] | None = _terminal() if people else None
        self._stop = threading.Event()
        self.port = Path()
        self.replug()
        self._thread = threading.Thread(target=self._serve, name="lcus-board", daemon=True)
        self._thread.start()

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
                self._switch(channel, on=False)

    def replug(self) -> None:
        """Put the cable back: a new terminal, all relays off."""
        with self._lock:
            if self._ends:
                return
            self._ends = _terminal()
            self.port = Path(os.ttyname(self._ends[1]))
            if self._link:
                self._link.unlink(missing_ok=True)
                self._link.symlink_to(self.port)

    def say(self, noise: bytes) -> None:
        """Send bytes that nobody asked for."""
        with self._lock:
            if self._ends:
                _send(self._ends[0], noise)

    def close(self) -> None:
        """Stop serving and give the terminals back."""
        self._stop.set()
        self._thread.join()
        self.unplug()
        for end in self._passages or ():
            os.close(end)
        self._passages = None

    def _serve(self) -> None:
        # Short looks instead of a blocking wait: a terminal that a thread waits on does not hang up.
        while not self._stop.wait(STEP_SECONDS):
            with self._lock:
                self._tell()
                if self._ends:
                    self._listen(self._ends[0])

    def _listen(self, master: int) -> None:
        try:
            data = os.read(master, 4096)
        except BlockingIOError:
            return
        self._received += data
        self._pending += data
        self._obey()

    def _obey(self) -> None:
        while len(self._pending) >= FRAME_BYTES:
            head = bytes(self._pending[:FRAME_BYTES])
            channel, operation = head[1], head[2]
            if head[0] != START or operation > 1 or head != frame(channel, on=bool(operation)):
                del self._pending[0]
                continue
            del self._pending[:FRAME_BYTES]
            if channel in self._relays:
                self._switch(channel, on=bool(operation))
                if self._answers and self._ends:
                    _send(self._ends[0], head)

    def _switch(self, channel: int, *, on: bool) -> None:
        if self._relays[channel] is on:
            return
        self._relays[channel] = on
        if self._on_change:
            self._on_change(channel, on)
        if not self._people or channel not in self._channels_of:
            return
        if on:
            self._people.released(self._channels_of[channel], time.monotonic())
        else:
            self._people.locked()

    def _tell(self) -> None:
        if self._people and self._passages:
            now = time.monotonic()
            for passage in self._people.due(now):
                _send(self._passages[0], passage_line(passage))
            if self._people.burning(now) is not self._burning:
                self._burning = not self._burning
                _send(self._passages[0], fire_line(burning=self._burning))


def _terminal() -> tuple[int, int]:
    """Open a raw pseudo-terminal that never blocks its board; returns the board's end and the other one.

    The board keeps both: with the far end closed it would see hang-ups between two users of the port.
    """
    master, slave = os.openpty()
    tty.setraw(slave)
    os.set_blocking(master, False)
    return master, slave


def _send(end: int, data: bytes) -> None:
    # Nobody has to read what a board says: when the terminal is full, the bytes are lost, as on a wire.
    with contextlib.suppress(BlockingIOError):
        os.write(end, data)
