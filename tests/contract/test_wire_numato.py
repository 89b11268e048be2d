"""Numato on the wire: the text of the maker's samples."""

import os
import time

import pytest

from edge.domain.events import Direction
from tests.contract.turnstiles import PATIENCE, attend, becomes
from turnstile.boards.numato import NumatoBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import NumatoSettings


def test_a_real_module_would_understand_every_line() -> None:
    board = NumatoBoard(2)
    turnstile = open_turnstile(NumatoSettings(driver="numato", port=board.port))
    attend(turnstile, 0.3)
    turnstile.release(Direction.IN)
    turnstile.lock()
    turnstile.close()
    lines = ["off", "off", "read", "on", "off", "off"]
    assert becomes(lambda: board.received, "".join(f"relay {verb} 0\r" for verb in lines).encode())
    board.close()


def test_the_tenth_relay_has_a_letter() -> None:
    board = NumatoBoard(16)
    turnstile = open_turnstile(NumatoSettings(driver="numato", port=board.port, channel_in=10))
    turnstile.release(Direction.IN)
    assert becomes(lambda: board.relays[10], True)
    assert board.received.endswith(b"relay on A\r")
    turnstile.close()
    board.close()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (b"relay on 1\r", b"relay on 1\n\r>"),
        (b"relay read 1\r", b"relay read 1\n\roff\n\r>"),
        (b"relay read 7\r", b"relay read 7\n\r>"),
        (b"open\r", b"open\n\r>"),
        (b"relay on 0relay off 0\r", b"relay on 0relay off 0\n\r>"),
    ],
)
def test_the_simulated_module_repeats_answers_and_prompts(command: bytes, said: bytes) -> None:
    board = NumatoBoard(2)
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    os.write(port, command)
    heard, until = b"", time.monotonic() + PATIENCE
    while len(heard) < len(said) and time.monotonic() < until:
        try:
            heard += os.read(port, 64)
        except BlockingIOError:
            time.sleep(0.002)
    assert heard == said
    os.close(port)
    board.close()
