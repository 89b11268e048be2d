"""KMTronic on the wire: the bytes of the maker's page."""

import os
from pathlib import Path

import pytest

from edge.domain.events import Direction
from tests.contract.turnstiles import attend, becomes
from turnstile.boards.kmtronic import KmtronicBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import KmtronicSettings


def settings(port: Path, relays: int) -> KmtronicSettings:
    return KmtronicSettings.model_validate({"driver": "kmtronic", "port": port, "relays": relays})


@pytest.mark.parametrize(("relays", "question"), [(1, "FF 01 03"), (2, "FF 01 03"), (4, "FF 09 00")])
def test_a_real_board_would_understand_every_byte(relays: int, question: str) -> None:
    board = KmtronicBoard(relays)
    turnstile = open_turnstile(settings(board.port, relays))
    attend(turnstile, 0.3)
    turnstile.release(Direction.IN)
    turnstile.lock()
    turnstile.close()
    off, on = bytes.fromhex("FF 01 00"), bytes.fromhex("FF 01 01")
    assert becomes(lambda: board.received, off + off + bytes.fromhex(question) + on + off + off)
    board.close()


@pytest.mark.parametrize(
    ("relays", "question", "answer"),
    [(2, "FF 02 03", "FF 02 01"), (4, "FF 09 00", "00 01 00 00"), (8, "FF 09 00", "00 01 00 00 00 00 00 00")],
)
def test_the_simulated_board_answers_as_the_page_says(relays: int, question: str, answer: str) -> None:
    board = KmtronicBoard(relays)
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    os.write(port, bytes.fromhex("FF 02 01") + bytes.fromhex(question))
    assert os.read(port, 64) == bytes.fromhex(answer)
    os.close(port)
    board.close()


@pytest.mark.parametrize("noise", [b"\xff\x05\x01", b"\xff\x01\x02", b"\x01\x01\x01", b"\xff\x01"])
def test_the_simulated_board_switches_nothing_for_noise(noise: bytes) -> None:
    board = KmtronicBoard(4)
    port = os.open(board.port, os.O_RDWR | os.O_NOCTTY)
    os.write(port, noise)
    assert becomes(lambda: board.received, noise)
    os.close(port)
    assert not any(board.relays.values())
    board.close()
