"""Who lets people in by hand is known: a PIN opens, guessing locks, and the gate never waits for either."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from edge.credentials.lockout import LockoutRule
from edge.domain.credentials import Holder, HolderKind
from edge.domain.events import Direction, Kind, Method
from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from tests.builders import child_id, member_id, put_member
from tests.gate.parts import PIN, STAFF, World, built_world, engine_or_skip, picture
from tests.gate.test_staff_desk import asked, names_inside
from turnstile.control import (
    Answer,
    Asked,
    CloseRequest,
    EvacuateRequest,
    ForgiveRequest,
    HoldRequest,
    ManualReason,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResetRequest,
)
from turnstile.gate_states import State
from turnstile.pin_desk import PinDesk

WRONG = "271828"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture
def world(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    with built_world(tmp_path, key, engine, ("p01",)) as built:
        yield built


def release(pin: str = PIN, staff: str = STAFF, student: str = "S-1") -> ReleaseRequest:
    why = ManualReason.READER_BROKEN
    return ReleaseRequest(student=student, direction=Direction.IN, reason=why, staff=staff, pin=pin)


def answered(world: World, asked: Asked, taken: bool = False) -> Answer:
    """What the desk says in the end, as the thread of the control socket waits for it."""
    answers: list[Answer] = []
    if not taken:
        world.service._desk.take(asked)
    waiter = threading.Thread(target=lambda: answers.append(asked.wait()))
    waiter.start()
    while waiter.is_alive():
        world.service._desk.step()
    return answers[0]


def test_the_trail_names_who_let_whom_in_and_why_and_never_the_pin(world: World) -> None:
    with capture_logs() as logged:
        assert asked(world, release()) == {"released": True}
        world.serve_until(State.PASSED)
        assert "error" in asked(world, release(WRONG))
    trail = world.audit.read_text()
    (line,) = [line for line in trail.splitlines() if '"manual_release"' in line and '"why"' in line]
    for part in (member_id().value, child_id(1).value, "reader_broken"):
        assert part in line
    (wrong,) = [line for line in trail.splitlines() if '"pin_wrong"' in line]
    assert member_id().value in wrong
    for pin in (PIN, WRONG):
        assert f'"{pin}"' not in trail
        assert pin not in str(logged)


@pytest.mark.parametrize(
    "request_",
    [
        release(WRONG),
        release(""),
        release("\ud800" + PIN),
        release(PIN + "0"),
        release(staff="T-99"),
        release(staff=""),
        release(staff="S-1"),
        release(staff="T-2"),
        HoldRequest(staff=STAFF, pin=WRONG),
        ReopenRequest(staff=STAFF, pin=WRONG),
        ResetRequest(staff=STAFF, pin=WRONG),
        ForgiveRequest(student="S-1", staff=STAFF, pin=WRONG),
    ],
    ids=lambda request: type(request).__name__,
)
def test_without_the_right_pin_nothing_is_done_and_the_answer_is_always_the_same(
    world: World, request_: Request
) -> None:
    """A number of nobody, of a pupil, of staff without PIN: whoever tries learns nothing from the answer."""
    put_member(world.vault, 2)
    answer = answered(world, Asked(request_))
    assert str(answer["error"]).startswith("this is no number of staff with its PIN")
    assert world.lane.state is State.LOCKED
    assert "manual_release" not in world.audit.read_text()


def test_a_pupils_number_is_not_written_down_as_staffs(world: World) -> None:
    asked(world, release(staff="S-1"))
    (line,) = [line for line in world.audit.read_text().splitlines() if '"pin_wrong"' in line]
    assert '"staff":null' in line


def test_lockdown_and_evacuation_wait_for_no_pin(world: World) -> None:
    for _ in range(10):
        asked(world, release(WRONG))
    assert "too many wrong PINs" in str(asked(world, release()))
    assert asked(world, CloseRequest())["closed"] is True
    assert asked(world, EvacuateRequest())["state"] == "emergency"


def test_the_gate_goes_on_while_a_pin_is_checked(world: World) -> None:
    """A slow Pi must not stop passages, and a second request is told to wait."""
    checking, go_on = threading.Event(), threading.Event()

    def slowly(pin: str, hashed: str) -> bool:
        checking.set()
        assert go_on.wait(30)
        return True

    with patch("turnstile.pin_desk.matches", slowly):
        waiting = Asked(release())
        world.service._desk.take(waiting)
        assert checking.wait(30)
        world.camera.shows = picture("p01")
        world.serve_until(State.PASSED)
        second = Asked(release())
        world.service._desk.take(second)
        assert "another PIN is being checked" in str(second.wait())
        go_on.set()
        assert answered(world, waiting, taken=True)


@pytest.mark.parametrize("taken", [False, True], ids=["before it is taken", "while the PIN is checked"])
def test_nobody_is_let_in_after_staff_were_told_that_the_gate_did_not_answer(
    world: World, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    """By then another child may stand in front of the gate."""
    monkeypatch.setattr("turnstile.control.ANSWER_SECONDS", 0.05)
    late = Asked(release())
    if taken:
        world.service._desk.take(late)
    assert "did not answer" in str(late.wait()["error"])
    if not taken:
        world.service._desk.take(late)
    while world.service._desk._pins._check is not None:
        world.service._desk.step()
    world.serve(3)
    assert world.lane.state is State.LOCKED
    assert "manual_release" not in world.audit.read_text()


def test_a_revoked_pin_counts_no_more_at_once(world: World) -> None:
    world.vault.pins.revoke(member_id())
    assert "no number of staff" in str(asked(world, release()))


def test_staff_pass_by_card_and_are_counted_inside_with_everybody(world: World) -> None:
    world.vault.credentials.add_card(Holder(HolderKind.CHILD, member_id()), b"\x07\x08", datetime.now(UTC))
    world.reader.present(b"\x07\x08")
    world.serve_until(State.PASSED)
    (row,) = world.outbox.pending(10)
    assert (row.event.kind, row.event.method, row.event.child) == (Kind.PASSED, Method.CARD, member_id())
    assert names_inside(world) == [STAFF]


class Trier:
    """Somebody at the desk with a clock of their own."""

    def __init__(self, world: World) -> None:
        self.at = 1000.0
        self.desk = PinDesk(world.vault, world.service._journal, LockoutRule())

    def tries(self, pin: str, staff: str = STAFF) -> str:
        """What comes of it: right, wrong or locked."""
        request = release(pin, staff)
        asked = Asked(request)
        if self.desk.begin(asked, request, self.at) is not None:
            return "locked"
        while self.desk._check is not None:
            if self.desk.finished(self.at) is not None:
                return "right"
        return "wrong"


@pytest.fixture
def trier(world: World) -> Trier:
    put_member(world.vault, 2, pin=WRONG[::-1])
    return Trier(world)


def test_five_wrong_tries_lock_this_member_for_30_seconds_and_then_for_longer(trier: Trier) -> None:
    assert [trier.tries(WRONG) for _ in range(6)] == ["wrong"] * 5 + ["locked"]
    assert trier.tries(PIN) == "locked"
    assert trier.tries(WRONG[::-1], "T-2") == "right"
    trier.at += 30
    assert [trier.tries(WRONG) for _ in range(6)] == ["wrong"] * 5 + ["locked"]
    trier.at += 59
    assert trier.tries(PIN) == "locked"
    trier.at += 1
    assert trier.tries(PIN) == "right"


def test_slips_before_a_right_pin_are_forgotten(trier: Trier) -> None:
    for _ in range(3):
        assert [trier.tries(pin) for pin in (WRONG, WRONG, PIN)] == ["wrong", "wrong", "right"]


def test_one_pin_tried_on_every_number_locks_the_desk(trier: Trier) -> None:
    """Else a school of 80 staff gives 400 tries; a right PIN in between changes nothing."""
    for number in range(10):
        assert trier.tries(WRONG, f"T-{number + 50}") == "wrong"
        assert number > 8 or trier.tries(PIN) == "right"
    assert trier.tries(PIN) == "locked"
    trier.at += 30
    assert trier.tries(PIN) == "right"


def test_a_hash_is_checked_where_the_gate_does_not_wait(world: World) -> None:
    """The loop's thread never hashes."""
    threads: list[str] = []

    def noted(pin: str, hashed: str) -> bool:
        threads.append(threading.current_thread().name)
        return True

    with patch("turnstile.pin_desk.matches", noted):
        asked(world, release())
    assert threads[0].startswith("pin")
