"""What the gate asks of its lamps and buzzer."""

from typing import Protocol

from turnstile.cue import Cue


class Signals(Protocol):
    """Whatever can be lit and heard."""

    def show(self, cue: Cue) -> None:
        """Light and sound this cue until the next one. Never waits, never raises: a lamp stops no gate."""

    def close(self) -> None:
        """Switch everything off and let go of it."""
