"""Pictures and videos as cameras: demonstrations, scenarios and calibration run on them."""

import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import cv2
import pytest

from edge.errors import CameraError
from edge.vision.camera import Camera, PicturesOver
from edge.vision.cameras.factory import open_camera
from edge.vision.cameras.settings import DirectoryCamera, FileCamera
from tests.unit.cameras.drawn import PATIENCE, becomes_true, draw, jpeg, next_frame, number_of


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for number, name in enumerate(("a.png", "b.jpg", "c.JPEG")):
        cv2.imwrite(str(tmp_path / name), draw(number))
    (tmp_path / "notes.txt").write_text("not a picture")
    return tmp_path


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "door.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for number in range(4):
        writer.write(draw(number))
    writer.release()
    return path


def numbers(camera: Camera, count: int) -> list[int]:
    return [number_of(next_frame(camera).image) for _ in range(count)]


def until_over(camera: Camera) -> list[int]:
    seen = []
    try:
        while True:
            seen.append(number_of(next_frame(camera).image))
    except PicturesOver:
        camera.close()
        return seen


def directory(path: Path, *, repeat: bool, fps: float = 10) -> DirectoryCamera:
    return DirectoryCamera(source="directory", path=path, fps=fps, repeat=repeat)


def test_a_directory_shows_its_pictures_in_the_order_of_their_names_and_ends(pictures: Path) -> None:
    assert until_over(open_camera(directory(pictures, repeat=False))) == [0, 1, 2]


def test_a_directory_starts_again_if_it_repeats(pictures: Path) -> None:
    with closing(open_camera(directory(pictures, repeat=True))) as camera:
        assert numbers(camera, 5) == [0, 1, 2, 0, 1]


def test_a_damaged_picture_is_counted_and_passed_over(pictures: Path) -> None:
    (pictures / "aa.jpg").write_bytes(jpeg(draw(5))[:150])
    (pictures / "ab.png").write_bytes(b"")
    with closing(open_camera(directory(pictures, repeat=False))) as camera:
        assert until_over(camera) == [0, 1, 2]
        assert camera.dropped == 2


def test_a_directory_that_goes_away_is_a_lost_camera_and_comes_back(pictures: Path, tmp_path: Path) -> None:
    with closing(open_camera(directory(pictures, repeat=True, fps=100))) as camera:
        next_frame(camera)
        away = pictures.rename(tmp_path.parent / f"{tmp_path.name}-away")
        with pytest.raises(CameraError, match=r"cannot (read|list)"):
            while True:
                camera.newest(PATIENCE)
        away.rename(pictures)

        def is_back() -> bool:
            try:
                return camera.newest(1.0) is not None
            except CameraError:
                return False

        assert becomes_true(is_back)


def test_a_video_plays_to_its_end(video: Path) -> None:
    assert until_over(open_camera(FileCamera(source="file", path=video, repeat=False))) == [0, 1, 2, 3]


def test_a_video_starts_again_if_it_repeats(video: Path) -> None:
    with closing(open_camera(FileCamera(source="file", path=video))) as camera:
        assert numbers(camera, 6) == [0, 1, 2, 3, 0, 1]


def test_one_picture_is_shown_again_and_again_each_time_as_new(pictures: Path) -> None:
    with closing(open_camera(FileCamera(source="file", path=pictures / "b.jpg"))) as camera:
        first, second = next_frame(camera), next_frame(camera)
        assert number_of(first.image) == number_of(second.image) == 1
        assert first.captured < second.captured <= time.monotonic()


def test_one_picture_can_be_shown_once(pictures: Path) -> None:
    settings = FileCamera(source="file", path=pictures / "b.jpg", repeat=False)
    assert until_over(open_camera(settings)) == [1]


def test_an_ended_source_says_so_every_time_it_is_asked(pictures: Path) -> None:
    with closing(open_camera(FileCamera(source="file", path=pictures / "b.jpg", repeat=False))) as camera:
        next_frame(camera)
        for timeout in (PATIENCE, 0.01, 0.01):
            with pytest.raises(PicturesOver) as caught:
                camera.newest(timeout)
            assert not caught.value.retryable


def test_pictures_are_turned_as_the_camera_hangs(pictures: Path) -> None:
    settings = FileCamera(source="file", path=pictures / "a.png", rotate=90)
    with closing(open_camera(settings)) as camera:
        assert next_frame(camera).image.shape == (64, 48, 3)


@pytest.mark.parametrize(
    ("prepare", "settings", "problem"),
    [
        (lambda path: None, lambda path: FileCamera(source="file", path=path / "x.jpg"), "no file"),
        (
            lambda path: (path / "x.avi").write_text("no video"),
            lambda path: FileCamera(source="file", path=path / "x.avi"),
            "no video",
        ),
        (lambda path: None, lambda path: directory(path, repeat=True), "no pictures"),
        (lambda path: None, lambda path: directory(path / "nowhere", repeat=True), "cannot list"),
    ],
    ids=["no file", "no video", "empty directory", "no directory"],
)
def test_a_wrong_path_stops_the_start_and_says_why(
    tmp_path: Path,
    prepare: Callable[[Path], object],
    settings: Callable[[Path], FileCamera | DirectoryCamera],
    problem: str,
) -> None:
    prepare(tmp_path)
    with pytest.raises(CameraError, match=problem):
        open_camera(settings(tmp_path))
    assert "camera" not in [thread.name for thread in threading.enumerate()]


def test_a_closed_camera_says_so_and_can_be_closed_again(pictures: Path) -> None:
    with closing(open_camera(directory(pictures, repeat=True))) as camera:
        next_frame(camera)
    camera.close()
    with pytest.raises(CameraError, match="no longer read"):
        while True:
            camera.newest(PATIENCE)


def test_reading_pictures_writes_nothing_to_disk(pictures: Path) -> None:
    before = sorted((path, path.stat().st_mtime_ns) for path in pictures.iterdir())
    until_over(open_camera(directory(pictures, repeat=False)))
    assert sorted((path, path.stat().st_mtime_ns) for path in pictures.iterdir()) == before
