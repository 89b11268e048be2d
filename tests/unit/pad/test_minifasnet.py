from pathlib import Path

import numpy as np
import pytest

from edge.errors import ImageError, ModelError
from edge.vision.detect import Detector
from edge.vision.face import Face
from edge.vision.pad.check import Look
from edge.vision.pad.load import load_networks, load_pad
from edge.vision.pad.minifasnet import MiniFASNets, window
from edge.vision.pad.verdict import PadReason
from tests.pad.attacks import Instrument, attack
from tests.pad.material import pupils_shown
from tests.pad.models import filled_store

POINTS = np.zeros((5, 2), np.float32)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_store(tmp_path_factory.mktemp("models")).folder


@pytest.fixture(scope="module")
def networks(folder: Path) -> MiniFASNets:
    return load_networks(filled_store(folder))


@pytest.fixture(scope="module")
def detector(folder: Path) -> Detector:
    return Detector((folder / "face_detection_yunet_2023mar_int8bq.onnx").read_bytes())


def test_a_print_held_up_looks_less_live_than_the_pupil_it_shows(
    networks: MiniFASNets, detector: Detector
) -> None:
    lower = 0
    for seed, (_, picture, box) in enumerate(pupils_shown()[:6]):
        shown = attack(picture, box, Instrument.PRINT_HELD, seed)
        print_score = networks.live(shown, detector.detect(shown)[0])
        lower += print_score < networks.live(picture, detector.detect(picture)[0])
    assert lower == 6


def test_the_frames_of_a_person_are_averaged(networks: MiniFASNets) -> None:
    name, picture, box = pupils_shown()[0]
    looks = [Look(picture[:, :, ::turn], Face(box, POINTS, 1.0), 0.0) for turn in (1, -1)]
    observation = networks.begin()
    for look in looks:
        observation.add(look)
    expected = np.mean([networks.live(look.image, look.face) for look in looks])
    assert observation.finding().score == pytest.approx(expected), name


def test_before_any_frame_nobody_is_live(networks: MiniFASNets) -> None:
    assert networks.begin().finding().reason is PadReason.NOTHING_SEEN


def test_a_score_appears_in_no_log(networks: MiniFASNets) -> None:
    _, picture, box = pupils_shown()[0]
    observation = networks.begin()
    observation.add(Look(picture, Face(box, POINTS, 1.0), 0.0))
    finding = observation.finding()
    assert f"{finding.score}" not in repr(finding)
    assert "array" not in repr(Look(picture, Face(box, POINTS, 1.0), 0.0))


def test_a_grey_picture_is_refused_and_not_guessed_at(networks: MiniFASNets) -> None:
    with pytest.raises(ImageError):
        networks.live(np.zeros((80, 80), np.uint8), Face((10, 10, 20, 20), POINTS, 1.0))


@pytest.mark.parametrize("box", [(0, 0, 0, 10), (0, 0, float("nan"), 10), (0, 0, 10, float("inf"))])
def test_a_face_without_extent_is_an_error(box: tuple[float, float, float, float]) -> None:
    with pytest.raises(ValueError, match="extent"):
        window(np.zeros((80, 80, 3), np.uint8), box, 2.7)


def test_the_window_is_centred_on_the_face_and_has_its_surroundings() -> None:
    picture = np.zeros((400, 600, 3), np.uint8)
    picture[180:220, 280:320] = 255  # a face of 40 pixels in the middle
    seen = window(picture, (280, 180, 40, 40), 4.0)
    rows, columns = np.nonzero(seen[:, :, 0] > 127)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (30, 49, 30, 49)


@pytest.mark.parametrize(
    "box", [(-50, -50, 90, 90), (590, 390, 40, 40), (-10, 0, 700, 500), (299, 199, 1, 1)]
)
def test_a_face_at_any_edge_still_gives_a_window(box: tuple[float, float, float, float]) -> None:
    picture = np.full((400, 600, 3), 9, np.uint8)
    assert window(picture, box, 4.0).shape == (80, 80, 3)


def test_missing_weights_stop_the_start_and_say_what_to_bring(tmp_path: Path, folder: Path) -> None:
    store = filled_store(tmp_path / "models")
    (tmp_path / "models" / "minifasnet_v1se.onnx").unlink()
    with pytest.raises(ModelError, match=r"minifasnet-v1se.*docs/pad\.md"):
        load_pad(store)


def test_a_changed_weight_file_is_not_loaded(tmp_path: Path) -> None:
    store = filled_store(tmp_path / "models")
    path = tmp_path / "models" / "minifasnet_v2.onnx"
    data = bytearray(path.read_bytes())
    data[9000] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match="damaged"):
        load_pad(store)


def test_a_file_that_is_no_network_is_named_as_such(folder: Path) -> None:
    with pytest.raises(ModelError, match="MiniFASNet"):
        MiniFASNets(b"nonsense", b"nonsense")
