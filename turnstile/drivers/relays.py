"""A turnstile whose unlock contacts hang on relays: what all relay boards have in common.

The relays only ask the turnstile to let somebody through: what it does without us, exit free and fire open,
is wired at the turnstile.
"""

import contextlib
from collections.abc import Callable, Mapping
from typing import Protocol

from edge.domain.events import Direction
from edge.errors import TurnstileError


class Relays(Protocol):
    """One board. Channels are numbered as on the board; every method but `close` raises TurnstileError."""

    def open(self) -> None:
        """Take the board, again if it was taken. Moves no relay."""

    def on(self, channel: int) -> None:
        """Close a relay for as long as `step` is called."""

    def latch(self, channel: int) -> None:
        """Close a relay until told otherwise, even if this program ends."""

    def off(self, channel: int) -> None:
        """Open a relay."""

    def confirm(self) -> None:
        """Wait until a board that is known to answer says that it stands as it was told."""

    def step(self) -> None:
        """Repeat what has to be repeated and listen to the board."""

    def close(self) -> None:
        """Let go of the board as it is. Never raises."""


class RelayTurnstile:
    """A turnstile on a board; a direction without a channel is free anyway. Raises at construction too."""

    def __init__(self, relays: Relays, channels: Mapping[Direction, int]) -> None:
        self.relays = relays
        self._channels = dict(channels)
        self.reconnect()

    def release(self, direction: Direction) -> None:
        """Close the relay of one direction."""
        if direction in self._channels:
            self.relays.on(self._channels[direction])

    def lock(self) -> None:
        """Open the relays."""
        self._each(self.relays.off)

    def open_all(self) -> None:
        """Close the relays, and leave them closed whatever becomes of this program."""
        self._each(self.relays.latch)

    def step(self) -> None:
        """One round."""
        self.relays.step()

    def reconnect(self) -> None:
        """Take the board again. Its relays go off: an earlier process may have left one on.

        They are told so twice, as half a command left by a process that died would swallow the first one.
        That moves nothing: a board powers up with its relays off.
        """
        self.relays.close()
        self.relays.open()
        try:
            self.lock()
            self.lock()
            self.relays.confirm()
        except TurnstileError:
            self.relays.close()
            raise

    def close(self) -> None:
        """Lock if the board is still there, and let go of it."""
        with contextlib.suppress(TurnstileError):
            self.lock()
        self.relays.close()

    def _each(self, act: Callable[[int], None]) -> None:
        """One relay that fails must not keep the other from opening in a fire."""
        failure: TurnstileError | None = None
        for channel in self._channels.values():
            try:
                act(channel)
            except TurnstileError as error:
                failure = error
        if failure is not None:
            raise failure
