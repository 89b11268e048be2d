"""The real gate tells its viewers what happens, and nothing about whom it happens to."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from structlog.testing import capture_logs

from edge.domain.decisions import Outcome, Reason
from edge.domain.events import Direction
from edge.errors import CameraError
from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from tests.builders import child, child_id, guardian
from tests.gate.parts import World, built_world, engine_or_skip, picture
from tests.gate.test_credentials import CARD, give_card
from tests.gate.test_service import asked, release
from turnstile.cue import Cue
from turnstile.feed.listen import listen
from turnstile.feed.snapshot import Snapshot
from turnstile.gate_states import State
from turnstile.mode import Mode

ENROLLED = ("p01", "p02", "p03")
PATIENCE = 20.0


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


@pytest.fixture
def world(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    with built_world(tmp_path, key, engine, ENROLLED) as built:
        yield built


@pytest.fixture
def greeting_world(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    with built_world(tmp_path, key, engine, ENROLLED, first_name=True) as built:
        yield built


class Viewer:
    """Collects what the gate tells, in a thread as a viewer's process would."""

    def __init__(self, world: World) -> None:
        self.heard: list[Snapshot] = []
        self._world = world
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def _listen(self) -> None:
        for snapshot in listen(self._world.feed, self._stop.is_set):
            if snapshot is not None:
                self.heard.append(snapshot)
            if self._stop.is_set():
                return

    def wait_for(self, cue: Cue) -> Snapshot:
        """Serve until the viewer has heard this cue as the newest one."""
        until = time.monotonic() + PATIENCE
        while not self.heard or self.heard[-1].cue is not cue:
            self._world.serve(1)
            assert time.monotonic() < until, [each.cue for each in self.heard]
        return self.heard[-1]

    def stop(self) -> None:
        self._stop.set()
        while self._thread.is_alive():
            self._world.serve(1)


@pytest.fixture
def viewer(world: World) -> Iterator[Viewer]:
    made = Viewer(world)
    yield made
    made.stop()


def test_a_pupil_is_welcomed_and_then_the_next_one_is_awaited(world: World, viewer: Viewer) -> None:
    viewer.wait_for(Cue.READY)
    world.camera.shows = picture("p01")
    welcome = viewer.wait_for(Cue.WELCOME)
    assert welcome.state is State.RELEASED
    assert welcome.counts == {Outcome.GRANT: 1}
    (told,) = welcome.recent
    assert (told.number, told.reason) == (1, Reason.RECOGNISED)
    assert told.latency_ms is not None
    world.camera.shows = None
    viewer.wait_for(Cue.READY)


def test_no_line_of_the_feed_says_who_passes(world: World, viewer: Viewer) -> None:
    world.camera.shows = picture("p01")
    viewer.wait_for(Cue.WELCOME)
    told = b"".join(each.line() for each in viewer.heard).decode()
    assert child_id(1).value not in told
    assert "Aisha" not in told
    assert "S-1" not in told


def test_a_school_that_wants_it_greets_by_first_name_and_only_with_the_grant(greeting_world: World) -> None:
    viewer = Viewer(greeting_world)
    greeting_world.camera.shows = picture("p01")
    assert viewer.wait_for(Cue.WELCOME).name == "Aisha"
    greeting_world.camera.shows = None
    assert viewer.wait_for(Cue.READY).name is None
    assert "Test1" not in b"".join(each.line() for each in viewer.heard).decode()
    viewer.stop()


def test_a_stranger_is_sent_to_another_way_in_and_told_no_reason(world: World, viewer: Viewer) -> None:
    world.camera.shows = picture("p14")
    assert viewer.wait_for(Cue.USE_CARD).name is None


def test_two_abreast_are_asked_to_come_one_by_one(world: World, viewer: Viewer) -> None:
    left, right = picture("p01"), picture("p02")
    world.camera.shows = np.ascontiguousarray(np.hstack([left, right]))
    viewer.wait_for(Cue.ONE_AT_A_TIME)


def test_a_fire_and_a_lost_controller_are_shown_to_everybody(world: World, viewer: Viewer) -> None:
    world.turnstile.fire()
    assert viewer.wait_for(Cue.EMERGENCY).state is State.EMERGENCY
    world.turnstile.fire_over()
    world.serve(1)
    assert world.lane.reset()
    world.turnstile.unplug()
    assert viewer.wait_for(Cue.OUT_OF_SERVICE).controller_lost


def test_a_gate_whose_camera_is_gone_asks_for_cards(
    world: World, viewer: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnstile.looks.BLIND_SECONDS", 0.1)
    world.camera.shows = CameraError("the camera is gone", "Plug it in again")
    viewer.wait_for(Cue.SHOW_CARD)
    world.camera.shows = picture("p01")
    viewer.wait_for(Cue.WELCOME)


def test_a_child_whom_staff_let_in_is_welcomed_as_everybody(world: World, viewer: Viewer) -> None:
    world.vault.roster.put(child(50), [guardian(50)])
    asked(world, release("S-50"))
    welcome = viewer.wait_for(Cue.WELCOME)
    assert welcome.recent[-1].reason is Reason.MANUAL_RELEASE
    assert welcome.recent[-1].latency_ms is None


def test_a_child_whom_staff_let_out_is_not_welcomed(world: World, viewer: Viewer) -> None:
    world.vault.roster.put(child(50), [guardian(50)])
    asked(world, release("S-50").model_copy(update={"direction": Direction.OUT}))
    viewer.wait_for(Cue.GOODBYE)


def test_an_unknown_card_leads_to_staff(world: World, viewer: Viewer) -> None:
    world.reader.present(b"\x12\x34\x56\x78")
    viewer.wait_for(Cue.ASK_STAFF)


def test_a_gate_where_a_face_is_not_enough_asks_for_the_card_then_the_face_then_sends_to_staff(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    with built_world(tmp_path, key, engine, ENROLLED, mode=Mode.VERIFY) as world:
        give_card(world, 1)
        viewer = Viewer(world)
        viewer.wait_for(Cue.CARD_OR_CODE)
        world.reader.present(CARD)
        viewer.wait_for(Cue.LOOK_HERE)
        world.camera.shows = picture("p14")  # somebody else with the card of the first
        viewer.wait_for(Cue.ASK_STAFF)
        viewer.stop()


def test_the_gate_says_every_second_how_it_is(world: World, viewer: Viewer) -> None:
    world.camera.shows = picture("p14")
    until = time.monotonic() + 4
    while time.monotonic() < until:
        world.serve(1)
    newest = viewer.heard[-1]
    assert len(viewer.heard) >= 4
    assert newest.fps
    assert newest.frame_age is not None
    assert newest.backlog == 1  # the refusal, which no hub has confirmed


def test_a_gate_that_hangs_says_nothing_more(world: World, viewer: Viewer) -> None:
    """The heartbeat is the loop's own: a thread that outlives it must not call the gate healthy."""
    viewer.wait_for(Cue.READY)
    time.sleep(0.2)
    heard = len(viewer.heard)
    time.sleep(2.2)
    assert len(viewer.heard) == heard


def test_every_decision_is_one_line_of_the_log(world: World) -> None:
    world.camera.shows = picture("p01")
    with capture_logs() as lines:
        world.serve_until(State.RELEASED)
        world.serve(1)
    (line,) = [line for line in lines if line["event"] == "decision"]
    assert (line["outcome"], line["reason"]) == ("grant", "recognised")
    assert child_id(1).value not in json.dumps(line)
