"""Staff at a running gate: closing, holding, evacuating, and who is inside, after a restart too."""

import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edge.domain.events import Direction, Kind
from edge.domain.ids import Slug
from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from tests.builders import child, child_id, guardian
from tests.gate.parts import PIN, STAFF, ZONE, World, built_world, engine_or_skip, picture
from tests.gate.test_credentials import held_up
from turnstile.boards.people import Behaviour
from turnstile.control import (
    Answer,
    CloseRequest,
    EvacuateRequest,
    ForgiveRequest,
    HoldRequest,
    InsideRequest,
    ManualReason,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResetRequest,
    ask,
)
from turnstile.gate_states import State
from turnstile.interlock import Interlock
from turnstile.muster import MAY_HAVE_LEFT, muster
from turnstile.muster_list import as_text
from turnstile.presence import Inside, Presence


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture
def world(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    with built_world(tmp_path, key, engine, ("p01", "p02")) as built:
        yield built


def asked(world: World, request: Request) -> Answer:
    answers: list[Answer] = []
    staff = threading.Thread(target=lambda: answers.append(ask(world.control, request)))
    staff.start()
    while staff.is_alive():
        world.service.step()
    return answers[0]


def release(student: str, direction: Direction = Direction.IN) -> ReleaseRequest:
    why = ManualReason.CARD_FORGOTTEN
    return ReleaseRequest(student=student, direction=direction, reason=why, staff=STAFF, pin=PIN)


def people_inside(world: World, *, at_alarm: bool = False) -> list[dict[str, str]]:
    inside = asked(world, InsideRequest(at_alarm=at_alarm))["inside"]
    assert isinstance(inside, list)
    return inside


def notes_inside(world: World, *, at_alarm: bool = False) -> dict[str, str]:
    return {person["number"]: person["note"] for person in people_inside(world, at_alarm=at_alarm)}


def names_inside(world: World) -> list[str]:
    return list(notes_inside(world))


def test_who_passed_is_inside_and_does_not_come_in_twice(world: World) -> None:
    world.camera.shows = picture("p01")
    world.serve_until(State.PASSED)
    assert names_inside(world) == ["S-1"]
    world.service._attempt._granted_until.clear()  # as if the repeat time were over
    world.serve(12)
    assert world.reasons() == ["recognised", "already_inside"]
    assert [row.event.kind for row in world.outbox.pending(10)] == [Kind.PASSED, Kind.REFUSED]


def test_staff_forgive_a_child_that_the_list_holds_back(world: World) -> None:
    world.presence.passed(child_id(1), Direction.IN, datetime.now(UTC))
    assert asked(world, ForgiveRequest(student="S-1", staff=STAFF, pin=PIN)) == {"forgiven": True}
    assert "error" in asked(world, ForgiveRequest(student="S-99", staff=STAFF, pin=PIN))
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)


def test_staff_forgive_everybody_at_once_and_the_list_stays(world: World) -> None:
    """The whole school left by another door: nobody types five hundred numbers."""
    world.presence.passed(child_id(1), Direction.IN, datetime.now(UTC))
    wrong = "735264"
    assert "error" in asked(world, ForgiveRequest(student=None, staff=STAFF, pin=wrong))
    assert asked(world, ForgiveRequest(student=None, staff=STAFF, pin=PIN)) == {"forgiven": True}
    assert names_inside(world) == ["S-1"]
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)


def test_after_an_evacuation_the_school_comes_back_in(world: World) -> None:
    """Nobody is recorded past an open gate: everyone would be inside already, and stand in the cold."""
    world.presence.passed(child_id(1), Direction.IN, datetime.now(UTC))
    asked(world, EvacuateRequest())
    assert notes_inside(world) == {"S-1": ""}  # the list for the muster doubts nobody
    asked(world, ResetRequest(staff=STAFF, pin=PIN))
    assert notes_inside(world) == {"S-1": MAY_HAVE_LEFT}
    world.camera.shows = picture("p01")
    world.serve_until(State.PASSED)
    assert notes_inside(world) == {"S-1": ""}
    world.service._attempt._granted_until.clear()  # as if the repeat time were over
    world.serve(12)
    assert world.reasons() == ["recognised", "already_inside"]


def test_who_was_inside_at_the_alarm_stays_known_when_the_gates_work_again(world: World) -> None:
    world.vault.roster.put(child(50), [guardian(50)])
    world.presence.passed(child_id(1), Direction.IN, datetime.now(UTC))
    asked(world, EvacuateRequest())
    world.presence.passed(child_id(50), Direction.IN, datetime.now(UTC))
    world.service._desk.as_before()  # a restart in the emergency begins no new one
    asked(world, ResetRequest(staff=STAFF, pin=PIN))
    world.presence.passed(child_id(1), Direction.OUT, datetime.now(UTC))
    assert notes_inside(world, at_alarm=True) == {"S-1": ""}


def test_a_visitor_is_on_the_list_under_the_label_of_the_pass(world: World) -> None:
    """The fire brigade looks for a plumber, and not for somebody who is not on the roster."""
    now = datetime.now(UTC)
    visitor = world.vault.visitors.add("plumber", now + timedelta(hours=2))
    held = world.vault.credentials.issue_pass(visitor.holder, visitor.ends, now)
    world.camera.shows = held_up(world.vault.credentials.pass_text(held, Slug("school-7")))
    world.serve_until(State.PASSED)
    (row,) = people_inside(world)
    assert (row["name"], row["group"]) == ("plumber", "visitors")


def test_a_guard_who_came_yesterday_evening_is_on_the_list_until_24_hours_later(world: World) -> None:
    now = datetime.now(UTC)
    world.presence.passed(child_id(1), Direction.IN, now - timedelta(hours=23, minutes=50))
    world.presence.passed(child_id(2), Direction.IN, now - timedelta(hours=25))
    assert names_inside(world) == ["S-1"]
    asked(world, EvacuateRequest())
    assert notes_inside(world, at_alarm=True) == {"S-1": ""}


def test_whoever_came_before_midnight_is_listed_with_the_day(world: World) -> None:
    night = datetime(2026, 11, 29, 0, 30, tzinfo=ZONE)
    came = (night - timedelta(hours=5), night - timedelta(minutes=5))
    rows = muster([Inside(child_id(1), at) for at in came], world.vault, night.astimezone(UTC), ZONE)
    assert [row["since"] for row in rows] == ["28.11. 19:30", "00:25"]


def test_the_list_on_paper_has_a_line_and_a_box_for_everybody(tmp_path: Path) -> None:
    rows = [
        {"group": "5A", "name": "Ақбота Оразбай", "number": "S-1", "since": "08:01", "note": ""},
        {"group": "visitors", "name": "plumber", "number": "", "since": "28.11. 20:00", "note": "x"},
    ]
    assert as_text(rows, "Inside now: 2").splitlines() == [
        "Inside now: 2",
        "",
        "    group    name           number since        note",
        "[ ] 5A       Ақбота Оразбай S-1    08:01",
        "[ ] visitors plumber               28.11. 20:00 x",
    ]


def test_the_command_writes_the_list_for_its_owner_alone(world: World, tmp_path: Path) -> None:
    world.presence.passed(child_id(1), Direction.IN, datetime.now(UTC))
    out, config = tmp_path / "list.txt", tmp_path / "gate.toml"
    config.write_text(f"""
school = "school-7"
gate = "north"
audit = "{world.audit}"
outbox = "{tmp_path}/outbox.db"
control = "{world.control}"
vault = {{ path = "{world.vault.path}", key = {{ provider = "file", key_file = "{tmp_path}/key" }} }}
camera = {{ source = "directory", path = "{tmp_path}" }}
turnstile = {{ driver = "simulated" }}
inputs = {{ source = "simulated" }}
""")
    command = [sys.executable, "-c", "from turnstile.cli import main; main()", "inside"]
    with subprocess.Popen([*command, "--out", out, "--config", config], stdout=subprocess.DEVNULL) as staff:
        while staff.poll() is None:
            world.service.step()
    assert staff.returncode == 0
    assert "[ ]" in out.read_text("utf-8")
    assert "S-1" in out.read_text("utf-8")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_the_rules_are_not_for_whom_staff_answer_for(world: World) -> None:
    world.presence.passed(child_id(1), Direction.IN, datetime.now(UTC))
    assert asked(world, release("S-1")) == {"released": True}


def test_a_release_signed_while_somebody_passes_gets_its_turn(world: World) -> None:
    """At the rush hour somebody always passes: nobody types a PIN again and again."""
    world.turnstile.next_does(Behaviour.NO_SHOW)  # the longest that a release can take
    world.camera.shows = picture("p02")
    world.serve_until(State.RELEASED)
    world.camera.shows = None
    assert asked(world, release("S-1")) == {"released": True}
    assert world.reasons() == ["recognised", "manual_release"]


def test_a_release_does_not_wait_for_ever(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnstile.staff_desk.WAIT_SECONDS", 0.1)
    world.turnstile.next_does(Behaviour.SLOW)
    world.camera.shows = picture("p02")
    world.serve_until(State.PASSING)
    world.camera.shows = None
    assert "the gate is passing" in str(asked(world, release("S-1"))["error"])
    world.serve_until(State.HELD_OPEN)
    assert world.reasons() == ["recognised"]


def test_nobody_who_evacuates_stands_behind_a_release_that_waits(world: World) -> None:
    world.turnstile.next_does(Behaviour.SLOW)
    world.camera.shows = picture("p02")
    world.serve_until(State.PASSING)
    answers: list[Answer] = []
    staff = threading.Thread(target=lambda: answers.append(ask(world.control, release("S-1"))))
    staff.start()
    while not world.service._desk._waiting:
        world.service.step()
    assert asked(world, EvacuateRequest())["state"] == "emergency"
    world.service.step()
    staff.join()
    assert "the gate is emergency" in str(answers[0]["error"])


def test_a_closed_gate_knows_nobody_and_lets_people_out(world: World) -> None:
    assert asked(world, CloseRequest())["state"] == "closed"
    world.camera.shows = picture("p01")
    world.serve(6)
    assert world.lane.state is State.CLOSED
    assert world.reasons() == []
    world.vault.roster.put(child(50), [guardian(50)])
    assert asked(world, release("S-50", Direction.OUT)) == {"released": True}
    world.serve_until(State.CLOSED)
    assert asked(world, ReopenRequest(staff=STAFF, pin=PIN))["closed"] is False
    world.serve_until(State.RELEASED)


def test_a_restart_does_not_reopen_what_staff_closed(world: World, tmp_path: Path) -> None:
    asked(world, CloseRequest())
    with Presence(tmp_path / "presence.db") as after:
        assert after.closed(Slug("north"))
        assert not after.closed(Slug("south"))
    world.lane.reopen()  # what a new process begins with
    world.service._desk.as_before()
    assert world.lane.state is State.CLOSED


def test_a_restart_does_not_shut_what_an_emergency_opened_and_a_reset_does(
    world: World, tmp_path: Path
) -> None:
    """Nobody trusts a gate that locks by itself after a power cut, in the middle of an evacuation."""
    asked(world, EvacuateRequest())
    with Presence(tmp_path / "presence.db") as after:
        assert after.emergency(Slug("north"))
        assert not after.emergency(Slug("south"))
        assert asked(world, ResetRequest(staff=STAFF, pin=PIN))["reset"] is True
        assert not after.emergency(Slug("north"))
        world.service._desk.as_before()
        assert world.turnstile.opened == frozenset()
        after.set_emergency(Slug("north"), True, datetime.now(UTC))
    world.service._desk.as_before()
    assert world.turnstile.opened == frozenset(Direction)


def test_held_open_and_evacuated_until_a_person_has_looked(world: World) -> None:
    assert asked(world, HoldRequest(staff=STAFF, pin=PIN))["state"] == "held_by_staff"
    assert "error" in asked(world, HoldRequest(staff=STAFF, pin=PIN))
    assert asked(world, ResetRequest(staff=STAFF, pin=PIN))["reset"] is True
    assert asked(world, EvacuateRequest())["state"] == "emergency"
    assert world.turnstile.opened == frozenset(Direction)
    assert asked(world, ResetRequest(staff=STAFF, pin=PIN))["reset"] is True
    assert world.turnstile.opened == frozenset()


def test_a_passage_that_a_crash_kept_from_the_list_is_made_good_at_the_next_start(world: World) -> None:
    world.camera.shows = picture("p02")
    world.serve_until(State.PASSED)
    world.presence.forgive(child_id(2))  # as if the crash had come between outbox and list
    world.presence.catch_up(row.event for row in world.outbox.pending(100))
    assert [inside.child for inside in world.presence.inside(datetime.now(UTC) - timedelta(hours=1))] == [
        child_id(2)
    ]


def test_of_two_passages_the_later_counts_in_whatever_order_they_are_told(tmp_path: Path) -> None:
    with Presence(tmp_path / "p.db") as presence:
        now = datetime.now(UTC)
        presence.passed(child_id(1), Direction.OUT, now)
        presence.passed(child_id(1), Direction.IN, now - timedelta(minutes=1))
        assert presence.inside(now - timedelta(days=1)) == []


def test_one_lane_of_a_pair_at_a_time(tmp_path: Path) -> None:
    one, other = (Interlock(tmp_path / "interlock") for _ in range(2))
    assert one.take()
    assert one.take()
    assert not other.take()
    one.leave()
    assert other.take()
    other.close()
    assert one.take()
    one.close()


def test_a_gate_waits_for_the_other_lane_without_refusing_anybody(world: World, tmp_path: Path) -> None:
    other, mine = (Interlock(tmp_path / "interlock") for _ in range(2))
    world.service._admission._interlock = mine
    assert other.take()
    world.camera.shows = picture("p01")
    world.serve(6)
    assert world.reasons() == []
    other.leave()
    world.serve_until(State.PASSED)
    world.serve(1)
    assert other.take()
    other.close()
    mine.close()


def test_staff_hold_no_door_of_a_lock_while_the_other_is_open(world: World, tmp_path: Path) -> None:
    other, mine = (Interlock(tmp_path / "interlock") for _ in range(2))
    world.service._admission._interlock = mine
    assert other.take()
    assert "other lane" in str(asked(world, HoldRequest(staff=STAFF, pin=PIN))["error"])
    assert world.turnstile.opened == frozenset()
    other.leave()
    assert asked(world, HoldRequest(staff=STAFF, pin=PIN))["state"] == "held_by_staff"
    assert not other.take()
    other.close()
    mine.close()
