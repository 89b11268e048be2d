"""`simulate-board` as a person runs it: in a terminal of its own, until Ctrl-C."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.domain.events import Direction
from turnstile.drivers.lcus import LcusTurnstile
from turnstile.drivers.settings import LcusSettings

RUN = (sys.executable, "-u", "-c", "from turnstile.simulate_cli import app; app()", "lcus")


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
    turnstile = LcusTurnstile(LcusSettings(driver="lcus", port=link, channel_out=2))
    turnstile.release(Direction.OUT)
    assert board.stdout.readline().endswith(" channel 2 on\n")
    turnstile.close()
    assert board.stdout.readline().endswith(" channel 2 off\n")
    board.send_signal(signal.SIGINT)
    assert board.stdout.read() == "stopped\n"
    assert board.wait() == 0
    assert not link.is_symlink()
