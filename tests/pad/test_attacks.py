import numpy as np
import pytest

from tests.pad.attacks import Instrument, attack, attack_sequence
from tests.pad.material import pupils_shown
from tests.pad.models import detector
from tests.pad.scene import HEIGHT, WIDTH

NAME, PICTURE, BOX = pupils_shown()[3]


@pytest.mark.parametrize("instrument", list(Instrument))
def test_the_same_seed_draws_the_same_attack_and_another_seed_another(instrument: Instrument) -> None:
    first = attack(PICTURE, BOX, instrument, 1)
    assert first.shape == (HEIGHT, WIDTH, 3)
    np.testing.assert_array_equal(first, attack(PICTURE, BOX, instrument, 1))
    assert not np.array_equal(first, attack(PICTURE, BOX, instrument, 2))


@pytest.mark.parametrize("instrument", list(Instrument))
def test_every_frame_of_an_attack_shows_a_face_so_that_a_refusal_means_something(
    instrument: Instrument,
) -> None:
    faces = [detector().detect(frame) for frame in attack_sequence(PICTURE, BOX, instrument, 3)]
    assert len(faces) == 12
    assert all(found and found[0].box[2] >= 90 for found in faces)
