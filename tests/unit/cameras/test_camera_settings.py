"""A gate's camera is named in its file; a mistake there stops the start and says why."""

from pathlib import Path

import pytest

from edge.config import Settings, load
from edge.errors import CameraError, ConfigError
from edge.vision.cameras.factory import open_camera
from edge.vision.cameras.settings import CameraSettings, V4l2Camera


class File(Settings):
    camera: CameraSettings


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ('source = "webcam"', "'file', 'directory', 'v4l2', 'command'"),
        ('path = "/x.jpg"', "source"),
        ('source = "file"\npath = "/x.jpg"\nrotate = 45', "rotate"),
        ('source = "file"\npath = "/x.jpg"\ncrop = { left = 0.5, right = 0.5 }', "crop"),
        ('source = "file"\npath = "/x.jpg"\nfps = 0', "fps"),
        ('source = "command"\ncommand = []', "command"),
        ('source = "command"\ncommand = "rpicam-vid -o -"', "command"),
        ('source = "v4l2"\ndevice = "/dev/video0"\nwdith = 3', "wdith"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, section: str, problem: str) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(f"[camera]\n{section}\n")
    with pytest.raises(ConfigError, match=problem):
        load(path, File)


def test_a_missing_usb_camera_names_those_that_are_there(tmp_path: Path) -> None:
    with pytest.raises(CameraError, match="there is no camera") as caught:
        open_camera(V4l2Camera(source="v4l2", device=tmp_path / "video9"))
    assert caught.value.remedy.startswith("Cameras present: ")


def test_a_device_that_is_no_camera_stops_the_start() -> None:
    with pytest.raises(CameraError, match="no camera, or another process"):
        open_camera(V4l2Camera(source="v4l2", device=Path("/dev/null")))


@pytest.mark.skipif(not Path("/dev/video0").exists(), reason="this computer has no camera")
def test_a_usb_camera_gives_pictures() -> None:
    camera = open_camera(V4l2Camera(source="v4l2", device=Path("/dev/video0")))
    frame = camera.newest(30.0)
    camera.close()
    assert frame is not None
