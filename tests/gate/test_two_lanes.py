"""Two lanes of one device: a card that is handed on to a friend at the next lane opens nothing there."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from zoneinfo import ZoneInfo

import pytest

from edge.audit import AuditTrail
from edge.domain.decisions import Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import Slug
from edge.policy.passback import LastPassage, Mode, Passback
from edge.policy.schedule import Schedule
from sync.outbox import Outbox
from tests.builders import KEY, child_id
from turnstile.admission import Admission
from turnstile.boards.people import Behaviour
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Gate, Timing
from turnstile.gate_states import State
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.presence import LetIn, Presence
from turnstile.rules import Rules
from turnstile.simulation.virtual import VirtualClock

PUPIL = child_id(1)
MORNING = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
TIMING = Timing(release_seconds=5, passage_seconds=10)


class OneLane:
    """A lane with an outbox of its own, and the list of who is inside that it shares."""

    def __init__(self, name: str, folder: Path, clock: VirtualClock, parts: ExitStack) -> None:
        self.presence = parts.enter_context(Presence(folder / "presence.db"))
        outbox = parts.enter_context(Outbox(folder / f"{name}.db"))
        audit = AuditTrail(folder / f"{name}.jsonl", KEY)
        parts.callback(audit.close)
        journal = Journal(
            outbox, audit, Slug("s"), Slug(name), lambda: True, presence=self.presence, clock=clock
        )
        self.turnstile = SimulatedTurnstile(
            SimulatedSettings(driver="simulated", walk_seconds=1.0), clock.monotonic
        )
        parts.callback(self.turnstile.close)
        self.lane = Lane(Gate(TIMING), self.turnstile, self.turnstile, journal, Direction.IN, clock=clock)
        rules = Rules(
            Schedule({}), Passback(Mode.HARD), ZoneInfo("Asia/Almaty"), lambda _: "5A", self.presence
        )
        self._admission = Admission(self.lane, journal, rules, clock=clock)

    def shown(self, direction: Direction = Direction.IN, method: Method = Method.CARD) -> Reason:
        """What the gate says to the pupil's card."""
        reason = Reason.MANUAL_RELEASE if method is Method.MANUAL else Reason.CREDENTIAL
        return self._admission.admit(reason, PUPIL, direction, method).reason


class TwoLanes:
    def __init__(self, folder: Path, parts: ExitStack) -> None:
        self.clock = VirtualClock(MORNING)
        self.one, self.other = (OneLane(name, folder, self.clock, parts) for name in ("one", "other"))

    def seconds(self, number: float) -> None:
        """Time passes at both."""
        end = self.clock.monotonic() + number
        while self.clock.monotonic() < end:
            self.one.lane.step()
            self.other.lane.step()
            self.clock.sleep(0.1)


@pytest.fixture
def lanes(tmp_path: Path) -> Iterator[TwoLanes]:
    with ExitStack() as parts:
        yield TwoLanes(tmp_path, parts)


def test_one_card_opens_one_lane_while_its_holder_is_still_on_the_way(lanes: TwoLanes) -> None:
    assert lanes.one.shown() is Reason.CREDENTIAL
    assert lanes.other.shown() is Reason.ALREADY_INSIDE
    lanes.seconds(4)
    assert [inside.child for inside in lanes.one.presence.inside(MORNING)] == [PUPIL]
    assert lanes.other.shown() is Reason.ALREADY_INSIDE


def test_who_turned_back_comes_in_by_the_other_lane(lanes: TwoLanes) -> None:
    lanes.one.turnstile.next_does(Behaviour.NO_SHOW)
    assert lanes.one.shown() is Reason.CREDENTIAL
    lanes.seconds(6)
    assert lanes.other.shown() is Reason.CREDENTIAL


def test_whom_staff_let_in_by_hand_cannot_hand_the_card_on_either(lanes: TwoLanes) -> None:
    assert lanes.one.shown(method=Method.MANUAL) is Reason.MANUAL_RELEASE
    assert lanes.other.shown() is Reason.ALREADY_INSIDE
    assert lanes.other.shown(method=Method.MANUAL) is Reason.MANUAL_RELEASE


def test_nobody_who_is_let_in_at_one_lane_is_kept_from_leaving_by_the_other(lanes: TwoLanes) -> None:
    lanes.one.shown()
    assert lanes.other.shown(Direction.OUT) is Reason.CREDENTIAL


def test_a_fire_that_ends_a_grant_gives_the_card_back_at_once(lanes: TwoLanes) -> None:
    assert lanes.one.shown() is Reason.CREDENTIAL
    lanes.one.lane.evacuate()
    assert lanes.one.lane.state is State.EMERGENCY
    assert lanes.other.shown() is Reason.CREDENTIAL


def free(last: LastPassage | None) -> bool:
    return last is None


def let_in(gate: str, now: datetime) -> LetIn:
    return LetIn(Slug(gate), now, now + timedelta(seconds=15))


def test_of_lanes_that_ask_at_the_same_moment_one_is_told_yes(tmp_path: Path) -> None:
    lanes, pupils = ("a", "b", "c", "d"), range(1, 26)
    together = Barrier(len(lanes))

    def ask(lane: str) -> list[int]:
        with Presence(tmp_path / "p.db") as presence:
            told = []
            for number in pupils:
                together.wait(10)
                if presence.let_in(child_id(number), let_in(lane, MORNING), free):
                    told.append(number)
            return told

    with Presence(tmp_path / "p.db"), ThreadPoolExecutor(len(lanes)) as workers:
        told = [number for let in workers.map(ask, lanes) for number in let]
    assert sorted(told) == list(pupils)


def test_after_kill_9_nobody_waits_longer_than_the_release_would_have_lasted(tmp_path: Path) -> None:
    killed = subprocess.run(
        [
            sys.executable,
            "-c",
            "import os, signal, sys; from pathlib import Path; from tests.gate import test_two_lanes as t\n"
            "t.Presence(Path(sys.argv[1])).let_in(t.PUPIL, t.let_in('one', t.MORNING), t.free)\n"
            "os.kill(os.getpid(), signal.SIGKILL)",
            str(tmp_path / "p.db"),
        ],
        check=False,
    )
    assert killed.returncode == -9
    with Presence(tmp_path / "p.db") as after:

        def comes(gate: str, seconds: float) -> bool:
            return after.let_in(PUPIL, let_in(gate, MORNING + timedelta(seconds=seconds)), free)

        assert not comes("other", 14.9)
        assert comes("other", 15.0)
        assert not comes("one", 16.0)


def test_a_clock_that_was_set_back_after_a_crash_locks_nobody_out(tmp_path: Path) -> None:
    with Presence(tmp_path / "p.db") as presence:
        assert presence.let_in(PUPIL, let_in("one", MORNING), free)
        assert presence.let_in(PUPIL, let_in("other", MORNING - timedelta(days=365)), free)
