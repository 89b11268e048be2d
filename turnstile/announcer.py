"""Tells everybody what the gate decides: the log, the counters, the display's feed, the lamps.

Belongs to the gate's loop, which is never kept waiting: the feed has its own thread, lamps switch at once.
"""

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from edge import device_clock
from edge.domain.decisions import Decision, Outcome
from edge.domain.events import Direction
from edge.domain.ids import ChildId, Slug
from edge.errors import OutboxError
from edge.vision.frame import Frame
from edge.vision.quality.component import Hint
from sync.outbox import Outbox
from turnstile.clock import SYSTEM, Clock
from turnstile.cue import Cue, hinted, resting, told
from turnstile.feed.server import FeedServer
from turnstile.feed.snapshot import RECENT, Snapshot, Told
from turnstile.lane import Lane
from turnstile.looks import Looks
from turnstile.showing import Showing, Shown
from turnstile.signals.ports import Signals

log = structlog.get_logger()
HEARTBEAT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Place:
    """Which gate this is. `faces`: a face alone is enough. `readers`: a card can be held to something."""

    gate: Slug
    direction: Direction
    faces: bool
    readers: bool


class Announcer:
    """`feed` and `signals` are None where nobody looks; `greet` gives the name that may be shown."""

    def __init__(
        self,
        place: Place,
        lane: Lane,
        outbox: Outbox,
        *,
        feed: FeedServer | None = None,
        signals: Signals | None = None,
        greet: Callable[[ChildId], str | None] = lambda _: None,
        clock: Clock = SYSTEM,
    ) -> None:
        self._place = place
        self._lane = lane
        self._outbox = outbox
        self._feed = feed
        self._signals = signals
        self._greet = greet
        self._clock = clock
        self._counts: Counter[Outcome] = Counter()
        self._recent: deque[Told] = deque(maxlen=RECENT)
        self._looks = Looks()
        self._showing = Showing(place.direction, self._rest(awaited=False))
        self._shown: Shown | None = None
        self._next_beat = float("-inf")
        self._backlog: int | None = None
        self._synchronised = False

    def decided(
        self,
        decision: Decision,
        direction: Direction,
        *,
        latency_ms: float | None = None,
        hint: Hint | None = None,
    ) -> None:
        """A verdict about one person: log it, count it, and show it before anything else is done."""
        told_more = {} if latency_ms is None else {"latency_ms": latency_ms, "hint": hint and hint.value}
        log.info("decision", outcome=decision.outcome.value, reason=decision.reason.value, **told_more)
        self._counts[decision.outcome] += 1
        self._recent.append(
            Told(
                number=self._counts.total(),
                at=self._clock.now(),
                outcome=decision.outcome,
                reason=decision.reason,
                latency_ms=None if latency_ms is None else max(0.0, latency_ms),
            )
        )
        now = self._clock.monotonic()
        name = None if decision.child is None else self._greet(decision.child)
        cue = told(decision, direction, faces=self._place.faces, readers=self._place.readers)
        self._showing.decided(Shown(cue, name), now)
        self._tell(now)

    def saw(self, decision: Decision, hint: Hint | None = None) -> None:
        """What one frame came to, or why somebody still waits; no verdict yet."""
        asked = hinted(decision, hint)
        if asked is not None:
            self._showing.hint(asked, self._clock.monotonic())
        elif decision.outcome is Outcome.REFUSE:
            self._showing.still_refused(self._clock.monotonic())

    def looked(self, frame: Frame | None) -> None:
        """The camera was asked, and gave this."""
        self._looks.add(None if frame is None else frame.captured, self._clock.monotonic())

    def step(self, *, awaited: bool) -> None:
        """One round; `awaited`: the holder of a card is to look at the camera now."""
        now = self._clock.monotonic()
        self._showing.rest(self._rest(awaited=awaited))
        beat = now >= self._next_beat
        if beat:
            self._next_beat = now + HEARTBEAT_SECONDS
            self._look_after()
        if beat or self._showing.at(self._lane.state, now) != self._shown:
            self._tell(now)

    def _tell(self, now: float) -> None:
        shown = self._showing.at(self._lane.state, now)
        if self._signals is not None and (self._shown is None or shown.cue is not self._shown.cue):
            self._signals.show(shown.cue)
        self._shown = shown
        if self._feed is not None:
            self._feed.publish(self._snapshot(shown, now))

    def _snapshot(self, shown: Shown, now: float) -> Snapshot:
        return Snapshot(
            gate=str(self._place.gate),
            time=self._clock.now(),
            cue=shown.cue,
            name=shown.name,
            state=self._lane.state,
            direction=self._place.direction,
            recent=tuple(self._recent),
            counts=dict(self._counts),
            fps=self._looks.rate(now),
            frame_age=self._looks.age(now),
            backlog=self._backlog,
            controller_lost=self._lane.controller_lost,
            clock_synchronised=self._synchronised,
        )

    def _look_after(self) -> None:
        """What need not be known at every decision."""
        self._synchronised = device_clock.synchronised()
        try:
            self._backlog = self._outbox.backlog().count
        except OutboxError:
            self._backlog = None

    def _rest(self, *, awaited: bool) -> Cue:
        sees = self._looks.sees(self._clock.monotonic())
        return resting(faces=self._place.faces, awaited=awaited, camera=sees, readers=self._place.readers)
