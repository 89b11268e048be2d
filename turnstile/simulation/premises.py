"""The gates of a replayed school, its vault, and the time that passes at them."""

import shutil
from collections import Counter
from collections.abc import Callable
from datetime import datetime, time
from pathlib import Path

from edge.domain.events import Direction
from edge.errors import ModelError
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from edge.vision.engine import load_engine
from edge.vision.engine_choice import EngineName
from edge.vision.pad.check import CheckName
from edge.vision.pad.load import load_networks
from turnstile.gate_states import State
from turnstile.simulation.enrolment import SchoolRoll
from turnstile.simulation.lanes import KEY, VAULT, Ground, ReplayedLane
from turnstile.simulation.scenario import Scenario
from turnstile.simulation.virtual import VirtualClock
from turnstile.simulation.walks import Walker

ROUND_SECONDS = 0.05
_BEFORE_SCHOOL = time(5, 0)
_RESTART_SECONDS = 2.0
_STILL = frozenset({State.LOCKED, State.CLOSED})
_OPEN_FOR_ALL = frozenset({State.EMERGENCY, State.HELD_BY_STAFF})
_LASTING = frozenset({*_STILL, *_OPEN_FOR_ALL, State.FAULT, State.HELD_OPEN})
_CALM_SECONDS, _UNCALM_SECONDS = 1.0, 8.0
"""After which the clock may jump if nothing goes on: at gates that are all shut, and at any others."""


class Premises:
    """Lanes around one clock and one vault; `close` afterwards."""

    def __init__(self, scenario: Scenario, walks: Path, folder: Path) -> None:
        self.clock = VirtualClock(scenario.moment(_BEFORE_SCHOOL))
        self.left_out = missing_checks()
        ground = Ground(scenario, self.clock, walks, self.left_out)
        self.lanes = {way: ReplayedLane(ground, way) for way in scenario.lanes}
        self.unjudged: Counter[Direction] = Counter()
        """Who came in by lane while it was open for all, or while its gate was dead."""
        self._base = folder
        self._starts = 0
        self._folder = folder / "0"
        self._folder.mkdir()
        write_new_key(self._folder / KEY)
        self.vault = Vault.create(self._folder / VAULT, self._key)
        self.roll = SchoolRoll(self.vault, scenario.school)
        self._stirred = self.clock.monotonic()

    def open(self, scenario: Scenario, walkers: dict[str, Walker]) -> None:
        """Enrol everyone and start the gates. Raises ConfigError, ModelError."""
        self.roll.enrol(scenario.roster, walkers, load_engine(EngineName.SFACE), self.clock.now())
        for lane in self.lanes.values():
            lane.start(self._folder)

    def close(self) -> None:
        """Stop everything."""
        for lane in self.lanes.values():
            lane.close()
        self.vault.close()

    def power_cut(self) -> None:
        """The gates go on with the files as they lay at this moment, as after kill -9.

        The parts that were running do close properly, but on files that nobody looks at any more.
        """
        self._starts += 1
        before, self._folder = self._folder, self._base / str(self._starts)
        shutil.copytree(before, self._folder, ignore=shutil.ignore_patterns("*.control"))
        for lane in self.lanes.values():
            lane.drop()
        self.vault.close()
        shutil.rmtree(before)
        self.clock.sleep(_RESTART_SECONDS)
        self.vault = Vault.open(self._folder / VAULT, self._key, now=self.clock.now(), writable=True)
        self.roll.on(self.vault)
        for lane in self.lanes.values():
            self._unjudged(lane, lane.turnstile.poll)  # what was signalled meanwhile nobody heard
            lane.start(self._folder)

    def round(self) -> None:
        """Every gate's loop once."""
        for lane in self.lanes.values():
            if lane.state in _OPEN_FOR_ALL:
                self._unjudged(lane, lane.step)
            else:
                lane.step()
        self.clock.sleep(ROUND_SECONDS)

    def rounds(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        """Let time pass, at most until something is so."""
        end = self.clock.monotonic() + seconds
        while not until() and self.clock.monotonic() < end:
            self.round()
        self.stir()

    def wait_until(self, moment: datetime) -> None:
        """Go on to a moment of the day; hours in which nothing can happen pass at once."""
        while self.clock.now() < moment:
            if self._calm():
                self.clock.jump(moment)
            else:
                self.round()

    def settle(self) -> None:
        """Until nothing goes on any more."""
        while not self._calm():
            self.round()

    def stir(self) -> None:
        """Something happened just now: the gates need a while to be done with it."""
        self._stirred = self.clock.monotonic()

    def _calm(self) -> bool:
        states = {lane.state for lane in self.lanes.values()}
        walking = sum(lane.turnstile.walking for lane in self.lanes.values())
        enough = _CALM_SECONDS if states <= _STILL else _UNCALM_SECONDS
        return not walking and states <= _LASTING and self.clock.monotonic() - self._stirred > enough

    def _unjudged(self, lane: ReplayedLane, act: Callable[[], object]) -> None:
        """Whoever arrives while `act` is done owes nobody a passage."""
        before = lane.turnstile.arrived[Direction.IN]
        act()
        self.unjudged[lane.way] += lane.turnstile.arrived[Direction.IN] - before

    @property
    def _key(self) -> FileKey:
        return FileKey(provider="file", key_file=self._folder / KEY)


def missing_checks() -> tuple[str, ...]:
    """Checks against presentation attacks whose networks are not installed: nothing real is opened here."""
    try:
        load_networks()
    except ModelError:
        return (CheckName.MINIFASNET,)
    return ()
