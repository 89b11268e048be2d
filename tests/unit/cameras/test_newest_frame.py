"""The slot between the reading thread and the deciding one."""

import threading

import numpy as np
import pytest

from edge.errors import CameraError
from edge.vision.camera import NewestFrame, is_black
from edge.vision.frame import Frame
from tests.unit.cameras.drawn import PATIENCE, draw


def frame(number: int) -> Frame:
    return Frame(draw(number), float(number))


def test_a_slow_gate_sees_the_person_who_is_there_now_not_the_one_before() -> None:
    slot = NewestFrame()
    for number in range(5):
        slot.put(frame(number))
    taken = slot.take(0)
    assert taken is not None
    assert taken.captured == 4.0


def test_one_picture_is_never_decided_on_twice() -> None:
    slot = NewestFrame()
    slot.put(frame(1))
    assert slot.take(0) is not None
    assert slot.take(0) is None


def test_a_waiting_gate_wakes_up_when_a_frame_arrives() -> None:
    slot = NewestFrame()
    timer = threading.Timer(0.02, slot.put, [frame(3)])
    timer.start()
    taken = slot.take(PATIENCE)
    timer.join()
    assert taken is not None


def test_a_lost_camera_is_said_at_once_and_again_until_it_is_back() -> None:
    slot = NewestFrame()
    slot.fail(CameraError("unplugged", "Plug it in"))
    for timeout in (PATIENCE, 0.0, 0.0):
        with pytest.raises(CameraError, match=r"unplugged\. Plug it in"):
            slot.take(timeout)
    slot.put(frame(1))
    assert slot.take(0) is not None
    assert slot.take(0) is None


def test_a_gate_that_knows_of_the_loss_waits_for_the_camera_instead_of_spinning() -> None:
    slot = NewestFrame()
    slot.fail(CameraError("unplugged", "Plug it in"))
    with pytest.raises(CameraError):
        slot.take(PATIENCE)
    timer = threading.Timer(0.05, slot.put, [frame(3)])
    timer.start()
    taken = slot.take(PATIENCE)
    timer.join()
    assert taken is not None


def test_the_last_frame_before_a_loss_is_not_lost() -> None:
    slot = NewestFrame()
    slot.put(frame(1))
    slot.fail(CameraError("unplugged", "Plug it in"))
    assert slot.take(0) is not None
    with pytest.raises(CameraError):
        slot.take(PATIENCE)


@pytest.mark.parametrize("level", [0, 16, 20])
def test_a_covered_lens_is_black_whatever_its_noise(level: int) -> None:
    rng = np.random.default_rng(level)
    picture = np.clip(level + rng.normal(0, 3, (120, 160, 3)), 0, 255).astype(np.uint8)
    assert is_black(picture)


def test_a_dark_hall_with_a_lit_window_is_not_black() -> None:
    picture = np.zeros((120, 160, 3), np.uint8)
    assert is_black(picture)
    picture[20:60, 40:80] = 200
    assert not is_black(picture)
    assert not is_black(draw(3))
