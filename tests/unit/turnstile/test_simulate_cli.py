"""`simulate-board` as a person runs it: in a terminal of its own, until Ctrl-C."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from edge.domain.events import Direction
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import DriverSettings, LcusSettings

RUN = (sys.executable, "-u", "-c", "from turnstile.commands.simulate_board import app; app()", "lcus")


@pytest.fixture
def board(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = (*RUN, "--channels", "2", "--silent", "--link", str(tmp_path / "relay"), "--walk", "0.1")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        yield process
        process.kill()


def test_the_board_prints_where_it_is_and_every_relay_change_until_ctrl_c(
    board: subprocess.Popen[str], tmp_path: Path
) -> None:
    assert board.stdout
    link = tmp_path / "relay"
    assert board.stdout.readline() == f"port {link}\n"
    assert board.stdout.readline().startswith("passages /dev/")
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=link, channel_out=2))
    turnstile.release(Direction.OUT)
    assert board.stdout.readline().endswith(" channel 2 on\n")
    turnstile.close()
    assert board.stdout.readline().endswith(" channel 2 off\n")
    board.send_signal(signal.SIGINT)
    assert board.stdout.read() == "stopped\n"
    assert board.wait() == 0
    assert not link.is_symlink()


@pytest.mark.parametrize(
    ("name", "driver", "channel"),
    [
        ("lcus", {"driver": "lcus"}, 1),
        ("kmtronic", {"driver": "kmtronic", "relays": 2}, 1),
        ("numato", {"driver": "numato"}, 0),
        ("modbus-rtu", {"driver": "modbus_rtu", "answer_seconds": 1.5}, 1),
    ],
)
def test_every_board_can_be_tried_with_its_driver(
    tmp_path: Path, name: str, driver: dict[str, object], channel: int
) -> None:
    link = tmp_path / "relay"
    command = (*RUN[:-1], name, "--pty", "--channels", "2", "--link", str(link))
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == f"port {link}\n"
        turnstile = open_turnstile(TypeAdapter(DriverSettings).validate_python({**driver, "port": link}))
        turnstile.release(Direction.IN)
        assert process.stdout.readline().endswith(f" channel {channel} on\n")
        turnstile.close()
        assert process.stdout.readline().endswith(f" channel {channel} off\n")
        process.send_signal(signal.SIGTERM)
        assert process.stdout.read() == "stopped\n"
        assert process.wait() == 0
    assert not link.is_symlink()


def test_a_board_that_kmtronic_does_not_make_is_refused() -> None:
    command = (*RUN[:-1], "kmtronic", "--channels", "3")
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert "1, 2, 4, 8 relays" in " ".join(done.stderr.replace("│", " ").split())
