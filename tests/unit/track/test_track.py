"""Frames of two people under one id would add their scores up; two ids for one would lose frames."""

from itertools import accumulate

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.vision.face import Face
from edge.vision.track import HISTORY, Tracker

STEP = 1 / 15


def face(x: float, y: float = 240, width: float = 100) -> Face:
    """A face with its centre there."""
    height = 1.3 * width
    return Face((x - width / 2, y - height / 2, width, height), np.zeros((5, 2), np.float32), 0.9)


def test_a_child_who_walks_up_keeps_one_id_and_is_remembered_from_the_first_frame() -> None:
    tracker = Tracker()
    for number in range(12):
        (track,) = tracker.update([face(300 + 4 * number, width=60 + 6 * number)], number * STEP)
    assert track.id == 1
    assert track.first_seen == 0
    assert track.last_seen == 11 * STEP
    assert [sighting.at for sighting in track.sightings] == [number * STEP for number in range(12)]
    assert track.face.box[2] == 126


def test_tracks_come_in_the_order_of_the_faces_so_that_nobody_gets_the_others_frame() -> None:
    tracker = Tracker()
    left, right = tracker.update([face(150), face(450)], 0)
    swapped = tracker.update([face(452), face(153)], STEP)
    assert [track.id for track in swapped] == [right.id, left.id]
    assert swapped[0].face.box == face(452).box


def test_two_people_who_cross_do_not_take_each_others_id_though_the_detector_sees_one_for_a_while() -> None:
    tracker = Tracker()
    ids = []
    for number in range(21):
        to_right, to_left = face(100 + 22 * number, 240), face(540 - 22 * number, 255)
        hidden = 9 <= number <= 11
        seen = tracker.update([to_right] if hidden else [to_right, to_left], number * STEP)
        ids.append([track.id for track in seen])
    assert ids[0] == ids[-1] == [1, 2]
    assert {one[0] for one in ids} == {1}


def test_of_two_people_close_together_each_keeps_the_nearer_face() -> None:
    tracker = Tracker()
    first, second = tracker.update([face(200), face(290)], 0)
    later = tracker.update([face(280), face(210)], STEP)
    assert [track.id for track in later] == [second.id, first.id]


def test_a_face_that_the_detector_misses_for_some_frames_is_still_the_same_person() -> None:
    tracker = Tracker()
    for number in (0, 1, 2, 3, 9, 10):
        (track,) = tracker.update([face(200 + 12 * number)], number * STEP)
        assert track.id == 1


def test_whoever_comes_after_the_last_one_left_is_someone_else() -> None:
    tracker = Tracker(lost_after=0.5)
    tracker.update([face(300)], 0)
    assert tracker.update([], 0.5) == ()
    assert [track.id for track in tracker.tracks] == [1]
    (next_one,) = tracker.update([face(300)], 0.51)
    assert next_one.id == 2
    assert [track.id for track in tracker.tracks] == [2]


def test_a_small_face_further_back_at_the_same_place_is_not_the_person_who_stepped_away() -> None:
    tracker = Tracker()
    tracker.update([face(300, width=150)], 0)
    (other,) = tracker.update([face(300, width=60)], STEP)
    assert other.id == 2


def test_a_face_that_appears_far_off_is_not_the_person_who_vanished() -> None:
    tracker = Tracker()
    tracker.update([face(100)], 0)
    (other,) = tracker.update([face(500)], STEP)
    assert other.id == 2


def test_a_person_who_stands_there_all_day_does_not_fill_the_memory() -> None:
    tracker = Tracker()
    for number in range(5 * HISTORY):
        (track,) = tracker.update([face(300)], number * STEP)
    assert track.id == 1
    assert len(track.sightings) == HISTORY
    assert track.first_seen == 0


def test_the_same_frames_give_the_same_tracks() -> None:
    def run() -> list[tuple[int, ...]]:
        tracker, random = Tracker(), np.random.default_rng(4)
        return [
            tuple(track.id for track in tracker.update([face(x) for x in random.uniform(0, 640, 3)], at))
            for at in np.arange(40) * STEP
        ]

    assert run() == run()


@pytest.mark.parametrize("at", [1.0, 0.9])
def test_frames_out_of_order_are_a_mistake_of_the_caller(at: float) -> None:
    tracker = Tracker()
    tracker.update([], 1.0)
    with pytest.raises(ValueError, match="order"):
        tracker.update([], at)


def test_a_track_that_never_ends_or_never_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="lost_after"):
        Tracker(lost_after=0)


@given(
    st.lists(
        st.lists(
            st.builds(face, st.floats(0, 640), st.floats(0, 480), st.floats(30, 300)), min_size=0, max_size=5
        ),
        max_size=12,
    )
)
def test_no_id_is_shared_by_two_faces_of_one_frame_and_none_comes_back_from_the_dead(
    frames: list[list[Face]],
) -> None:
    tracker = Tracker(lost_after=0.2)
    last_seen: dict[int, float] = {}
    for number, faces in enumerate(frames):
        at = number * STEP
        tracks = tracker.update(faces, at)
        assert [track.face for track in tracks] == faces
        assert len({track.id for track in tracks}) == len(faces)
        for track in tracks:
            assert at - last_seen.get(track.id, at) <= 0.2
            last_seen[track.id] = at


@given(
    speed=st.tuples(st.floats(-250, 250), st.floats(-60, 60)),
    growth=st.floats(0, 0.6),
    fps=st.sampled_from([10, 15, 30]),
    gaps=st.lists(st.integers(1, 4), min_size=3, max_size=25),
    seed=st.integers(0, 1000),
)
def test_a_person_who_walks_smoothly_keeps_one_id_however_the_detector_drops_out(
    speed: tuple[float, float], growth: float, fps: int, gaps: list[int], seed: int
) -> None:
    tracker, random = Tracker(lost_after=0.7), np.random.default_rng(seed)
    times = [number / fps for number in accumulate(gaps)]
    for at in times:
        jitter = random.normal(0, 1.5, 2)
        x, y = 320 + speed[0] * at + jitter[0], 240 + speed[1] * at + jitter[1]
        (track,) = tracker.update([face(x, y, 90 * (1 + growth * at))], at)
        assert track.id == 1
