"""What the devices of a replayed lane meet: who stands before the camera, who walks through the turnstile."""

from collections import Counter
from collections.abc import Callable

from edge.domain.events import Direction
from edge.vision.frame import Frame, Image
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate_messages import PassageCompleted, Signal
from turnstile.simulation.virtual import VirtualClock
from turnstile.simulation.walks import FRAME_SECONDS, Walker, empty_lane

LEFT_SECONDS = 0.8
"""After which the empty lane is filmed once: longer than the gate waits before the next one begins."""


class StageCamera:
    """Ten pictures a second of whoever stands there, then one of the empty lane, then none.

    Nothing changes in an empty lane, and to look at it for hours of virtual time takes minutes of real time.
    """

    dropped = 0

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._shows: Walker | Image | None = None
        self._empty = empty_lane()
        self._came = 0.0
        self._due = float("inf")

    def show(self, what: Walker | Image) -> None:
        """Somebody walks up, or something is held still before the camera."""
        self._shows = what
        self._came = self._due = self._clock.monotonic()

    def leave(self) -> None:
        """The lane is empty again."""
        if self._shows is not None:
            self._shows = None
            self._due = self._clock.monotonic() + LEFT_SECONDS

    def newest(self, timeout: float) -> Frame | None:
        """The picture that is due, if one is."""
        now = self._clock.monotonic()
        if now < self._due:
            return None
        if self._shows is None:
            self._due = float("inf")
            return Frame(self._empty, now)
        self._due = now + FRAME_SECONDS
        shows = self._shows
        return Frame(shows.picture(now - self._came) if isinstance(shows, Walker) else shows, now)

    def close(self) -> None:
        """Nothing is open."""


class WitnessedTurnstile(SimulatedTurnstile):
    """Counts what really happens at the turnstile, for comparison with what the gate wrote down."""

    def __init__(self, settings: SimulatedSettings, clock: VirtualClock) -> None:
        super().__init__(settings, clock.monotonic)
        self.arrived: Counter[Direction] = Counter()
        self.opens: Callable[[Direction], None] = lambda _: None
        """Called at the moment of a release, before anything moves."""

    def release(self, direction: Direction) -> None:
        """As `Turnstile.release`."""
        if direction not in self.opened:
            self.opens(direction)
        super().release(direction)

    def poll(self) -> list[Signal]:
        """As `Inputs.poll`."""
        signals = super().poll()
        self.arrived.update(each.direction for each in signals if isinstance(each, PassageCompleted))
        return signals

    def close(self) -> None:
        """The process is gone, and nobody told the turnstile: it locks by itself and stays as it is."""
        self._fall()
