"""Two lanes of one device: a card opens one of them, and the doors of a lock are never open at once."""

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
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from edge.audit import AuditTrail
from edge.domain.decisions import Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import ChildId, Slug
from edge.policy.passback import LastPassage, Mode, Passback
from edge.policy.schedule import Schedule
from sync.outbox import Outbox
from tests.builders import KEY, child_id
from turnstile.admission import Admission
from turnstile.boards.people import Behaviour
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Gate, Timing
from turnstile.gate_messages import ExitRequested
from turnstile.gate_states import State
from turnstile.interlock import Interlock
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.presence import LetIn, Presence
from turnstile.rules import Rules
from turnstile.simulation.virtual import VirtualClock

PUPIL = child_id(1)
MORNING = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
TIMING = Timing(release_seconds=5, passage_seconds=10)


class OneLane:
    """A lane with an outbox of its own; the list of who is inside is shared, in a lock the interlock too."""

    def __init__(self, name: str, folder: Path, clock: VirtualClock, parts: ExitStack, *, lock: bool) -> None:
        self._clock = clock
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
        interlock = Interlock(folder / "interlock") if lock else None
        if interlock is not None:
            parts.callback(interlock.close)
        self.lane = Lane(
            Gate(TIMING),
            self.turnstile,
            self.turnstile,
            journal,
            Direction.IN,
            interlock=interlock,
            clock=clock,
        )
        rules = Rules(
            Schedule({}), Passback(Mode.HARD), ZoneInfo("Asia/Almaty"), lambda _: "5A", self.presence
        )
        self.admission = Admission(self.lane, journal, rules, interlock, clock=clock)

    def shown(
        self, direction: Direction = Direction.IN, method: Method = Method.CARD, child: ChildId = PUPIL
    ) -> Reason:
        """What the gate says to somebody's card."""
        reason = Reason.MANUAL_RELEASE if method is Method.MANUAL else Reason.CREDENTIAL
        return self.admission.admit(reason, child, direction, method).reason

    def press_exit(self) -> None:
        """Somebody presses the button to leave."""
        self.turnstile.happen(ExitRequested(self._clock.monotonic()))

    def step(self) -> None:
        """One round of the gate's loop."""
        self.lane.step()
        self.admission.step()


class TwoLanes:
    def __init__(self, folder: Path, parts: ExitStack, *, lock: bool = False) -> None:
        self.clock = VirtualClock(MORNING)
        self.one, self.other = (
            OneLane(name, folder, self.clock, parts, lock=lock) for name in ("one", "other")
        )

    def seconds(self, number: float) -> None:
        """Time passes at both."""
        end = self.clock.monotonic() + number
        while self.clock.monotonic() < end:
            self.round()

    def round(self) -> None:
        """A tenth of a second passes at both."""
        self.one.step()
        self.other.step()
        self.clock.sleep(0.1)

    @property
    def both_open(self) -> bool:
        return bool(self.one.turnstile.opened and self.other.turnstile.opened)


@pytest.fixture
def lanes(tmp_path: Path) -> Iterator[TwoLanes]:
    with ExitStack() as parts:
        yield TwoLanes(tmp_path, parts)


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[TwoLanes]:
    """The two doors of one lock."""
    with ExitStack() as parts:
        yield TwoLanes(tmp_path, parts, lock=True)


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


def test_the_exit_button_waits_for_the_other_door_and_is_not_forgotten(lock: TwoLanes) -> None:
    assert lock.one.shown() is Reason.CREDENTIAL
    lock.other.press_exit()
    while lock.one.turnstile.opened:
        lock.round()
        assert not lock.both_open
    lock.round()
    assert lock.other.turnstile.opened == {Direction.OUT}
    assert lock.one.shown(child=child_id(2)) is Reason.OTHER_LANE_OPEN


def test_nobody_is_locked_in_by_a_door_that_stays_open(lock: TwoLanes) -> None:
    """Staff hold one door, or it is stuck: whoever leaves by the other waits 15 seconds at most."""
    assert lock.one.admission.alone()
    lock.one.lane.hold_open()
    lock.other.press_exit()
    lock.seconds(14.5)
    assert not lock.other.turnstile.opened
    lock.other.press_exit()  # again and again: the time counts from the first
    lock.seconds(0.8)
    assert lock.other.turnstile.opened == {Direction.OUT}
    lock.one.lane.reset()  # shut again, it waits for the other in its turn
    lock.round()
    assert lock.one.shown() is Reason.OTHER_LANE_OPEN


def test_a_fire_asks_nobody_whether_the_other_door_is_open(lock: TwoLanes) -> None:
    lock.one.shown()
    lock.other.press_exit()
    lock.other.turnstile.fire()
    lock.round()
    assert lock.other.turnstile.opened == frozenset(Direction)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(("in", "out", "button", "wait")), st.booleans(), st.integers(0, 30)),
        max_size=12,
    )
)
def test_whatever_people_show_and_press_the_two_doors_are_never_open_at_once(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, bool, int]]
) -> None:
    with ExitStack() as parts, capture_logs():
        lock = TwoLanes(tmp_path_factory.mktemp("lock"), parts, lock=True)
        for number, (act, first, rounds) in enumerate(acts):
            lane = lock.one if first else lock.other
            if act == "button":
                lane.press_exit()
            elif act != "wait":
                lane.shown(Direction(act), child=child_id(number))
            for _ in range(rounds):
                lock.round()
                assert not lock.both_open
