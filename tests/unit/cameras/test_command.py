"""A camera program, as rpicam-vid is one: real processes, pulled and plugged."""

import os
import shutil
import signal
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from edge.errors import CameraError
from edge.vision.camera import Camera
from edge.vision.cameras.command import CommandSource
from edge.vision.cameras.factory import open_camera
from edge.vision.cameras.reader import Backoff, ReadingCamera
from edge.vision.cameras.settings import CommandCamera
from tests.unit.cameras.drawn import PATIENCE, becomes_true, draw, jpeg, next_frame, number_of

# Writes the file named first, again and again, in pieces of an odd size; then what the last argument says.
PROGRAM = """
import sys, time
data = open(sys.argv[1], "rb").read()
while True:
    for start in range(0, len(data), 777):
        sys.stdout.buffer.write(data[start:start + 777])
        sys.stdout.buffer.flush()
    if sys.argv[2] == "end":
        break
    if sys.argv[2] == "hang":
        time.sleep(1000)
    time.sleep(0.01)
"""


def program(tmp_path: Path, stream: bytes, afterwards: str = "repeat", **more: object) -> CommandCamera:
    (tmp_path / "stream").write_bytes(stream)
    command = (sys.executable, "-c", PROGRAM, str(tmp_path / "stream"), afterwards)
    return CommandCamera.model_validate({"source": "command", "command": command, **more})


def running(settings: CommandCamera) -> Camera:
    backoff = Backoff(first=0.01, longest=0.05)
    return ReadingCamera(lambda: CommandSource(settings), settings, backoff=backoff)


def children() -> list[psutil.Process]:
    return psutil.Process().children()


def test_pictures_come_out_of_the_program_with_their_time(tmp_path: Path) -> None:
    with closing(open_camera(program(tmp_path, jpeg(draw(4))))) as camera:
        first, second = next_frame(camera), next_frame(camera)
        assert number_of(first.image) == number_of(second.image) == 4
        assert first.captured < second.captured
        assert camera.dropped == 0


def test_garbage_and_half_pictures_between_good_ones_are_counted_not_fatal(tmp_path: Path) -> None:
    good, hollow = jpeg(draw(2)), b"\xff\xd8\xff\xd9"
    stream = b"\x00noise" + good[:200] + good + hollow
    with closing(running(program(tmp_path, stream, "hang"))) as camera:
        assert becomes_true(lambda: camera.dropped == 2)
    with closing(running(program(tmp_path, stream))) as camera:
        assert number_of(next_frame(camera).image) == 2


def test_a_picture_over_the_limit_is_skipped(tmp_path: Path) -> None:
    large = jpeg(draw(1, 1600, 1200))
    small = jpeg(draw(2))
    assert len(small) < 2000 < len(large)
    with closing(running(program(tmp_path, large + small, largest_bytes=2000))) as camera:
        assert {number_of(next_frame(camera).image) for _ in range(3)} == {2}
        assert camera.dropped >= 1


def test_a_killed_camera_program_is_an_error_first_and_then_a_camera_again(tmp_path: Path) -> None:
    with closing(running(program(tmp_path, jpeg(draw(4))))) as camera:
        next_frame(camera)
        [child] = children()
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(CameraError, match="ended"):
            while True:
                camera.newest(PATIENCE)

        def is_back() -> bool:
            try:
                return camera.newest(1.0) is not None
            except CameraError:
                return False

        assert becomes_true(is_back)
        assert [again.pid for again in children()] != [child.pid]


def test_a_program_that_ends_again_and_again_leaves_no_zombies(tmp_path: Path) -> None:
    settings = program(tmp_path, jpeg(draw(4)), "end")
    starts = 0

    def start() -> CommandSource:
        nonlocal starts
        starts += 1
        return CommandSource(settings)

    with closing(ReadingCamera(start, settings, backoff=Backoff(first=0.001, longest=0.002))):
        assert becomes_true(lambda: starts >= 4)
        assert len(children()) <= 1


def test_a_program_that_hangs_is_started_again(tmp_path: Path) -> None:
    with closing(running(program(tmp_path, b"", "hang", stall_seconds=0.3))) as camera:
        [child] = children()
        with pytest.raises(CameraError, match="gives no picture"):
            camera.newest(PATIENCE)
        assert becomes_true(lambda: bool(children()) and children()[0].pid != child.pid)


def test_nothing_within_the_time_is_no_frame_and_no_error(tmp_path: Path) -> None:
    with closing(running(program(tmp_path, b"", "hang"))) as camera:
        assert camera.newest(0.05) is None


def test_closing_kills_the_program_and_what_it_started(tmp_path: Path) -> None:
    (tmp_path / "stream").write_bytes(jpeg(draw(4)))
    inner = [sys.executable, "-c", PROGRAM, str(tmp_path / "stream"), "hang"]
    wrapper = f"import subprocess; subprocess.run({inner!r})"
    command = (sys.executable, "-c", wrapper)
    with closing(open_camera(CommandCamera(source="command", command=command))) as camera:
        next_frame(camera)
        family = psutil.Process().children(recursive=True)
        assert len(family) == 2
    assert becomes_true(lambda: not any(_alive(process) for process in family))


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_that_is_not_installed_stops_the_start() -> None:
    with pytest.raises(CameraError, match="cannot start the camera program no-such-camera"):
        open_camera(CommandCamera(source="command", command=("no-such-camera",)))


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
def test_ffmpeg_is_a_camera() -> None:
    arguments = "-loglevel error -re -f lavfi -i testsrc=size=320x240:rate=10 -f mjpeg -"
    with closing(
        open_camera(CommandCamera(source="command", command=("ffmpeg", *arguments.split())))
    ) as camera:
        frames = [next_frame(camera) for _ in range(3)]
        assert {frame.image.shape for frame in frames} == {(240, 320, 3)}
        assert camera.dropped == 0
