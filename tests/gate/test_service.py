"""The gate with real faces and a real vault: who gets in, and that trouble never opens it or stops it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.domain.events import AttendanceEvent, Direction, Kind, Method
from edge.domain.ids import Slug, uuid7
from edge.errors import CameraError, OutboxError
from edge.match.counts import load_counts
from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from tests.builders import child, child_id, guardian
from tests.gate.parts import PIN, RENDERED, STAFF, World, built_world, engine_or_skip, picture
from turnstile.control import Answer, ManualReason, ReleaseRequest, Request, StatusRequest, ask
from turnstile.gate_states import State

ENROLLED = ("p01", "p02", "p03")


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture
def world(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    with built_world(tmp_path, key, engine, ENROLLED) as built:
        yield built


def asked(world: World, request: Request) -> Answer:
    """Ask as staff would, from another thread, while the gate serves."""
    answers: list[Answer] = []
    staff = threading.Thread(target=lambda: answers.append(ask(world.control, request)))
    staff.start()
    while staff.is_alive():
        world.service.step()
    staff.join()
    return answers[0]


def release(student: str) -> ReleaseRequest:
    why = ManualReason.NO_CONSENT
    return ReleaseRequest(student=student, direction=Direction.IN, reason=why, staff=STAFF, pin=PIN)


def a_grant() -> AttendanceEvent:
    return AttendanceEvent(
        uuid7(),
        Slug("school-7"),
        Slug("north"),
        child_id(1),
        Direction.IN,
        datetime.now(UTC),
        True,
        Method.FACE,
        Kind.GRANTED_NOT_PASSED,
    )


def test_a_consenting_pupil_walks_through_and_the_passage_is_recorded(world: World) -> None:
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    assert world.outbox.pending(10) == []
    world.serve_until(State.PASSED)
    (row,) = world.outbox.pending(10)
    assert (row.event.kind, row.event.child, row.event.method) == (Kind.PASSED, child_id(1), Method.FACE)
    assert world.reasons() == ["recognised"]


def test_the_same_pupil_still_in_view_is_not_counted_twice(world: World) -> None:
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    world.serve_until(State.PASSED)
    world.serve(20)
    assert len(world.outbox.pending(10)) == 1


def test_the_next_in_the_queue_is_known_by_the_time_the_gate_is_free(world: World) -> None:
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    world.camera.shows = picture("p02")
    while not world.outbox.pending(10):
        world.service.step()
    # The round that ended the first passage let the next one in.
    assert world.lane.state is State.RELEASED
    assert world.reasons() == ["recognised", "recognised"]


def test_nobody_is_looked_at_while_the_gate_stands_open_for_all(world: World) -> None:
    world.camera.shows = picture("p01")
    world.turnstile.fire()
    world.serve_until(State.EMERGENCY)
    with patch.object(type(world.camera), "newest", side_effect=AssertionError("looked")):
        world.serve(3)


def test_a_stranger_is_refused_once_and_the_gate_stays_shut(world: World) -> None:
    world.camera.shows = picture("p14")
    world.serve(20)
    assert world.lane.state is State.LOCKED
    (row,) = world.outbox.pending(10)
    assert (row.event.kind, row.event.child) == (Kind.REFUSED, None)
    assert world.reasons() == ["not_recognised"]


def test_a_pupil_whose_guardian_withdraws_is_refused_at_the_next_frame(world: World) -> None:
    world.camera.shows = picture("p02")
    world.serve(1)
    world.vault.withdraw(child_id(2), datetime.now(UTC))
    world.serve(10)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == ["not_recognised"]


def test_two_faces_abreast_open_nothing(world: World) -> None:
    left, right = picture("p01"), picture("p02")
    world.camera.shows = np.ascontiguousarray(np.hstack([left, right]))
    world.serve(20)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == []


def test_a_black_picture_opens_nothing_and_says_what_to_do(world: World) -> None:
    world.camera.shows = np.zeros((480, 640, 3), np.uint8)
    with capture_logs() as lines:
        world.serve(20)
    assert world.lane.state is State.LOCKED
    assert [line["problem"] for line in lines if line["event"] == "camera"] == [
        "the picture is black. Take the cap off the lens, or switch a light on"
    ]


def test_an_unplugged_camera_leaves_the_gate_shut_and_answering(world: World) -> None:
    world.camera.shows = CameraError("the camera is gone", "Plug it in again")
    with capture_logs() as lines:
        world.serve(20)
        assert asked(world, StatusRequest())["state"] == "locked"
    assert [line["problem"] for line in lines if line["event"] == "camera"] == [
        "the camera is gone. Plug it in again"
    ]
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)


def test_an_old_frame_opens_nothing(world: World) -> None:
    world.camera.shows = picture("p01")
    world.camera.age = 5.0
    world.serve(20)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == []


def test_a_vault_damaged_while_serving_opens_nothing_and_cards_still_work(world: World) -> None:
    world.vault.roster.put(child(50), [guardian(50)])
    with sqlite3.connect(world.vault.path) as raw:
        raw.execute("ALTER TABLE generation RENAME TO gone")
    raw.close()
    world.camera.shows = picture("p01")
    with capture_logs() as lines:
        world.serve(20)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == ["vault_unavailable"]
    assert any(line["event"] == "vault" for line in lines)


def test_faces_do_not_open_while_another_vault_stands_in_the_place_of_the_one_that_is_read(
    world: World,
) -> None:
    """Who withdraws in the new one would else be recognised by the old one."""
    path = world.vault.path
    away = path.rename(path.with_name("away.db"))
    world.camera.shows = picture("p01")
    with capture_logs() as lines:
        world.serve(20)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == ["vault_unavailable"]
    assert any("removed or replaced" in line["problem"] for line in lines if line["event"] == "vault")
    away.rename(path)
    world.serve_until(State.RELEASED)


def test_a_full_disk_keeps_the_gate_shut_and_says_so(world: World) -> None:
    database = world.outbox._db.conn
    database.execute(f"PRAGMA max_page_count = {database.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(OutboxError):
        for _ in range(1000):
            world.outbox.grant(a_grant())
    world.camera.shows = picture("p01")
    with capture_logs() as lines:
        world.serve(6)
    assert world.lane.state is State.LOCKED
    assert "not_durable" in world.reasons()
    assert any("Free space" in line["problem"] for line in lines if line["event"] == "outbox")
    database.execute("PRAGMA max_page_count = 1073741823")
    world.serve_until(State.RELEASED)


def test_a_passage_during_a_full_disk_is_written_when_there_is_room_again(world: World) -> None:
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    holder = sqlite3.connect(world.outbox.path, isolation_level=None)
    world.outbox._db.conn.execute("PRAGMA busy_timeout = 1")
    holder.execute("BEGIN IMMEDIATE")
    world.serve_until(State.PASSED)
    holder.execute("ROLLBACK")
    assert world.outbox.pending(10) == []
    world.camera.shows = None
    holder.close()
    deadline = datetime.now(UTC).timestamp() + 10
    while not world.outbox.pending(10):
        world.service.step()
        assert datetime.now(UTC).timestamp() < deadline
    assert world.outbox.pending(10)[0].event.kind is Kind.PASSED


def test_a_child_without_consent_passes_by_hand_and_no_template_comes_of_it(world: World) -> None:
    world.vault.roster.put(child(50), [guardian(50)])
    request = release("S-50")
    assert asked(world, request) == {"released": True}
    world.serve_until(State.PASSED)
    (row,) = world.outbox.pending(10)
    assert (row.event.kind, row.event.method) == (Kind.PASSED, Method.MANUAL)
    assert world.vault.templates.count(child_id(50)) == 0


def test_a_manual_release_for_nobody_on_the_roster_opens_nothing(world: World) -> None:
    request = release("S-999")
    assert "not on the roster" in str(asked(world, request)["error"])
    assert world.lane.state is State.LOCKED


def test_frames_never_reach_the_disk(world: World, tmp_path: Path) -> None:
    """Nothing written while serving decodes as a picture or holds the pixels of one."""
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    world.serve_until(State.PASSED)
    world.camera.shows = picture("p14")
    world.serve(10)
    pixels = picture("p01")[200, 200:216].tobytes()
    for file in tmp_path.rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert pixels not in content, file
            assert b"\xff\xd8\xff" not in content, file
            assert content == b"" or cv2.imdecode(np.frombuffer(content, np.uint8), 1) is None, file


def test_a_verdict_leaves_one_count_for_calibration_and_nothing_about_the_child(
    world: World, tmp_path: Path
) -> None:
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    world.serve_until(State.PASSED)
    world.camera.shows = None
    world.serve(1)
    world.camera.shows = picture("p14")
    world.serve(10)
    world.scorebook.save()
    counts = load_counts(tmp_path / "scores.json")
    assert [each.sum() for each in (counts.accepted, counts.rivals, counts.refused)] == [1, 1, 1]
    assert counts.gallery == len(ENROLLED)
    assert [week.threshold for week in counts.recent] == [RENDERED.point(len(ENROLLED)).threshold]
    assert child_id(1).value not in (tmp_path / "scores.json").read_text()


def test_a_passage_reaches_the_childs_trend_and_the_gallery_stays_as_it_is(world: World) -> None:
    before = world.vault.generation()
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    with closing(sqlite3.connect(world.vault.path)) as raw:
        assert raw.execute("SELECT child FROM trend").fetchall() == []
        world.scorebook.save()
        assert raw.execute("SELECT child FROM trend").fetchall() == [(child_id(1).value,)]
    assert world.vault.generation() == before


def test_status_tells_of_drift_and_of_children_to_enrol_anew(world: World) -> None:
    told = asked(world, StatusRequest())
    assert (told["drift"], told["re-enrol"]) == ("too few searches yet to compare", 0)
