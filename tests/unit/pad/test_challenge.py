"""The challenge must let every child through who does as told, and no picture, however it is turned."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.face import Face
from edge.vision.pad.challenge import (
    LEAST_WIDTH,
    LONGEST,
    MOST_GAP,
    TURNED,
    Challenge,
    Ending,
    Prompt,
    Side,
    Sight,
    begin,
    see,
)
from edge.vision.pad.relief import nose_place
from edge.vision.track import Sighting, Track
from tests.pad.heads import NOISE, PERIOD, Obedient, Points, View, bent, flat, head, play, seen
from tests.pad.material import PUPILS
from tests.pad.models import find_both_ways
from tests.pad.turned import held, photographed, turn_of

LEFT, RIGHT = Side
ORDERS = list(product(Side, Side))


def track(face: Face, at: float, person: int = 1) -> Track:
    return Track(person, 0.0, (Sighting(at, face),))


def shown(yaws: Iterable[float], shape: Points | None = None) -> list[Face]:
    return [seen(head() if shape is None else shape, View(yaw)) for yaw in yaws]


def after(faces: Sequence[Face], sides: Sequence[Side] = (LEFT,)) -> Challenge:
    """The challenge after one person was seen like this, ten frames a second."""
    challenge = begin(sides, 0.0)
    for number, face in enumerate(faces, 1):
        challenge = see(challenge, [track(face, number * PERIOD)], number * PERIOD)
    return challenge


def answering(shape: Points, person: Obedient, seed: int) -> Callable[[Prompt], list[Face]]:
    """Somebody who does as told, as the detector would mark them."""
    chance = np.random.default_rng(seed)
    return lambda prompt: [seen(shape, View(person.hear(prompt)), NOISE, chance)]


STRAIGHT = [0.0] * 5
TO_LEFT = [10.0, 20.0, 30.0, 40.0]


@pytest.mark.parametrize("sides", ORDERS)
def test_a_child_who_does_as_told_passes_and_takes_a_few_seconds(sides: tuple[Side, Side]) -> None:
    for seed in range(10):
        done = play(answering(head(), Obedient(), seed), sides)
        assert done.ended is Ending.PASSED
        assert done.last_seen < 10


@pytest.mark.parametrize("sides", ORDERS)
def test_a_rendered_pupil_passes_as_the_detector_sees_it(sides: tuple[Side, Side]) -> None:
    pictures, person = turn_of(PUPILS / "p13" / "turn"), Obedient()
    chance = np.random.default_rng(1)

    def show(prompt: Prompt) -> list[Face]:
        yaw = person.hear(prompt)
        return find_both_ways(
            photographed(pictures[min(pictures, key=lambda known: abs(known - yaw))], chance)
        )

    assert play(show, sides).ended is Ending.PASSED


@pytest.mark.parametrize("shape", [flat(), bent(100), bent(75), bent(50), bent(35)])
def test_a_picture_that_is_turned_as_told_does_not_pass(shape: Points) -> None:
    for seed, sides in enumerate(ORDERS):
        done = play(answering(shape, Obedient(farthest=60), seed), sides)
        assert done.ended is not Ending.PASSED


def test_half_a_nose_does_not_pass_by_being_turned_further() -> None:
    """So looks bent paper to the detector: beyond 55 degrees only how much it narrows gives it away."""
    for far in (45, 55, 60, 65):
        yaws = [*STRAIGHT, *np.arange(5, far, 5), *[far] * 9]
        assert after(shown(yaws, head() * (1, 1, 0.5))).stage == 1
    assert after(shown([*STRAIGHT, *np.arange(5, 65, 5)])).stage == 2


def test_a_print_that_is_turned_as_told_does_not_pass_as_the_detector_sees_it() -> None:
    picture, person = turn_of(PUPILS / "p13" / "turn")[-0.1], Obedient(farthest=50)
    box, chance = find_both_ways(picture)[0].box, np.random.default_rng(1)

    def show(prompt: Prompt) -> list[Face]:
        return find_both_ways(photographed(held(picture, box, View(person.hear(prompt)), None), chance))

    assert play(show, (LEFT, RIGHT)).ended is not Ending.PASSED


HELD = st.builds(
    View, st.floats(-60, 60), st.floats(-45, 45), st.floats(-45, 45), distance=st.floats(250, 800)
)
MATRIX = st.lists(st.floats(-1, 1), min_size=4, max_size=4).map(lambda four: np.reshape(four, (2, 2)) * 200)


@settings(max_examples=200, deadline=None)
@given(
    nose=st.tuples(st.floats(-0.4, 0.4), st.floats(0.2, 0.9)),
    views=st.lists(st.one_of(HELD, MATRIX), min_size=1, max_size=60),
    sides=st.sampled_from([*ORDERS, (LEFT,), (RIGHT,)]),
    seed=st.integers(0, 99),
)
def test_no_sequence_of_views_of_a_flat_picture_passes(
    nose: tuple[float, float],
    views: list[View | np.ndarray[tuple[int, int], np.dtype[np.float64]]],
    sides: tuple[Side, ...],
    seed: int,
) -> None:
    """Any picture, also of a turned head, held in any way or sheared and stretched, seen a little wrongly."""
    picture, chance = flat(), np.random.default_rng(seed)
    picture[2, :2] = nose
    frames = [seen(picture, View())] * 5
    for view in views:
        if isinstance(view, View):
            frames += [seen(picture, view, NOISE / 4, chance)] * 3
        else:
            points = picture[:, :2] @ view.T + chance.normal(0, 1, (5, 2))
            frames += [Face((0, 0, 200, 260), points.astype(np.float32), 0.9)] * 3
    assert after(frames, sides).ended is not Ending.PASSED


def test_the_prompts_lead_through_the_turn() -> None:
    yaws = [*STRAIGHT, *TO_LEFT, 40, 40, 30, 20, 10, 0, 0]
    told = [after(shown(yaws[:number])).prompt for number in range(len(yaws) + 1)]
    assert [told[0], *(later for earlier, later in pairwise(told) if later is not earlier)] == [
        Prompt.LOOK,
        Prompt.TURN_LEFT,
        Prompt.FURTHER,
        Prompt.BACK,
    ]
    assert after(shown([*yaws, 0])).ended is Ending.PASSED


def test_a_glance_is_not_enough_and_the_child_is_told_so() -> None:
    challenge = after(shown([*STRAIGHT, 10, 20, *[25.0] * 20]))
    assert challenge.ended is None
    assert challenge.prompt is Prompt.FURTHER


def test_a_child_who_mixes_up_left_and_right_has_to_start_again() -> None:
    """So has one before a camera that mirrors, and a film of a head that turns the other way first."""
    challenge = after(shown([*STRAIGHT, *TO_LEFT, 40, 40]), (RIGHT,))
    assert challenge.ended is Ending.WRONG_SIDE


def test_a_camera_that_mirrors_makes_a_child_who_turned_as_told_look_wrong() -> None:
    mirrored = []
    for face in shown([*STRAIGHT, *TO_LEFT, 40, 40]):
        points = np.column_stack((640 - face.landmarks[:, 0], face.landmarks[:, 1]))
        mirrored.append(Face(face.box, points[[1, 0, 2, 4, 3]].astype(np.float32), 0.9))
    assert after(mirrored).ended is Ending.WRONG_SIDE


def test_another_picture_held_up_is_not_a_turn_but_too_fast() -> None:
    """From straight to turned in one step: a second print. The challenge begins again, and can be passed."""
    yaws = [*STRAIGHT, 0, 40]
    challenge = after(shown(yaws))
    assert (challenge.stage, challenge.prompt, challenge.rest) == (0, Prompt.SLOWLY, None)
    again = [*yaws, *STRAIGHT]
    assert after(shown(again[:-1])).prompt is Prompt.SLOWLY
    slowly = [*again, *TO_LEFT, 40, 40, 30, 20, 10, 0, 0, 0]
    assert after(shown(slowly)).ended is Ending.PASSED


def test_whoever_is_out_of_sight_for_longer_than_the_detector_may_miss_has_to_start_again() -> None:
    challenge = after(shown([*STRAIGHT, 10]))
    at = challenge.last_seen
    missed = see(challenge, [], at + MOST_GAP)
    assert missed.ended is None
    face = shown([20])[0]
    assert see(missed, [track(face, at + MOST_GAP)], at + MOST_GAP).ended is None
    for tracks in ([], [track(face, at + MOST_GAP + 0.01)]):
        assert see(missed, tracks, at + MOST_GAP + 0.01).ended is Ending.LOST


def test_somebody_else_cannot_take_over_but_may_come_before_it_began() -> None:
    face = shown([0])[0]
    challenge = after(shown([*STRAIGHT]))
    assert see(challenge, [track(face, 0.6, person=2)], 0.6).ended is Ending.LOST
    early = see(after(shown([0, 0])), [track(face, 0.3, person=2)], 0.3)
    assert (early.ended, early.person, early.since) == (None, 2, 0.3)
    assert len(early.straight) == 1


def test_two_people_and_one_far_away_are_told_what_to_do_and_are_not_followed() -> None:
    near, challenge = shown([0])[0], begin([LEFT], 0.0)
    far = seen(head(), View(distance=FAR))
    assert see(challenge, [track(near, 0.1), track(near, 0.1, 2)], 0.1).prompt is Prompt.ALONE
    assert see(challenge, [track(far, 0.1)], 0.1).prompt is Prompt.CLOSER
    assert see(challenge, [], 0.1).prompt is Prompt.LOOK
    passing_behind = seen(head(), View(distance=1200))
    assert see(challenge, [track(near, 0.1), track(passing_behind, 0.1, 2)], 0.1).sight is Sight.STRAIGHT


FAR = 450 * seen(head(), View()).box[2] / LEAST_WIDTH + 1


def test_it_does_not_wait_for_ever() -> None:
    challenge = begin([LEFT], 100.0)
    assert see(challenge, [], 100 + LONGEST).ended is None
    assert see(challenge, [], 100.01 + LONGEST).ended is Ending.TOO_SLOW


def test_nothing_changes_after_the_end() -> None:
    over = after(shown([*STRAIGHT, *TO_LEFT, 40, 40]), (RIGHT,))
    assert see(over, [], 99.0) is over


def test_a_head_that_never_holds_still_gives_no_place_to_measure_from() -> None:
    restless = shown([-12, 12] * 10)
    assert all(after(restless[:number]).rest is None for number in range(20))


def test_landmarks_that_are_no_face_are_as_good_as_no_face() -> None:
    nothing = Face((0, 0, 200, 260), np.zeros((5, 2), np.float32), 0.9)
    assert see(begin([LEFT], 0.0), [track(nothing, 0.1)], 0.1).sight is Sight.NOTHING


def test_a_challenge_that_asks_nothing_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="without a turn"):
        begin([], 0.0)


FRAME = st.tuples(
    st.sampled_from([0.05, 0.1, 0.1, 0.1, 0.3, 0.6]),  # seconds since the frame before
    st.sampled_from([None, 1, 1, 1, 1, 1, 1, 2]),  # whose track it is
    st.sampled_from([-45, -40, -30, -20, -10, 0, 0, 0, 10, 20, 30, 40, 45]),
)
QUARTERS = (1, 2, 3, 4, 4, 4, 3, 2, 1, 0, 0, 0)
TURN = st.sampled_from([40, -40]).map(lambda far: [(0.1, 1, far * part / 4) for part in QUARTERS])
REST = st.just([(0.1, 1, 0)] * 5)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.one_of(TURN, TURN, REST, st.lists(FRAME, max_size=3)), max_size=8),
    st.sampled_from([(LEFT,), (RIGHT,), *ORDERS]),
)
def test_whoever_passes_was_one_person_in_sight_who_turned_to_every_side_in_order(
    parts: list[list[tuple[float, int | None, float]]], sides: tuple[Side, ...]
) -> None:
    challenge, at = begin(sides, 0.0), 0.0
    looks: list[tuple[float, int, float]] = []
    for gap, person, yaw in chain([(0.1, 1, 0.0)] * 5, *parts):
        at += gap
        face = shown([yaw])[0]
        before = challenge
        challenge = see(challenge, [] if person is None else [track(face, at, person)], at)
        assert challenge.stage in {0, before.stage, before.stage + 1}
        if person is not None:
            place = nose_place(face.landmarks)
            assert place is not None
            looks.append((at, person, place.aside))
        if challenge.ended:
            break
    if challenge.ended is not Ending.PASSED:
        return
    assert at <= LONGEST
    followed = [look for look in looks if look[0] >= challenge.since]
    assert {person for _, person, _ in followed} == {challenge.person}
    assert all(later[0] - earlier[0] <= MOST_GAP + 1e-9 for earlier, later in pairwise(followed))
    turned = iter([LEFT if aside > 0 else RIGHT for _, _, aside in followed if abs(aside) >= TURNED])
    assert all(any(side is wanted for side in turned) for wanted in sides)
