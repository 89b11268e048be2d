"""For every kind of card reader, a harness that holds cards to it and breaks it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import pytest

from edge.domain.ids import Slug
from tests.contract.keyboards import UINPUT, FifoKeyboard, UinputKeyboard, events, keystrokes
from turnstile.boards.line_reader import LineReader, line_of
from turnstile.boards.osdp_reader import OsdpReader
from turnstile.readers.factory import open_reader
from turnstile.readers.keyboard import KeyboardDevice
from turnstile.readers.number import Digits
from turnstile.readers.osdp_key import new_key, read_key
from turnstile.readers.ports import CardRead, Reader
from turnstile.readers.running import RunningReader
from turnstile.readers.settings import (
    KeyboardReaderSettings,
    OsdpReaderSettings,
    SerialReaderSettings,
    SimulatedReaderSettings,
)
from turnstile.readers.simulated import SimulatedReader
from turnstile.readers.text import Checksum
from turnstile.readers.wiegand import encode

NAME = Slug("north-in")
PATIENCE = 20.0


class Harness(Protocol):
    """One reader; `shown` is what a person saw at it, None if it can show nothing."""

    reader: Reader

    def hold(self, number: bytes) -> None: ...

    def half(self, number: bytes) -> None: ...

    def damaged(self, number: bytes) -> None: ...

    def noise(self) -> None: ...

    def shown(self) -> list[bool] | None: ...

    def unplug(self) -> None: ...

    def replug(self) -> None: ...

    def close(self) -> None: ...


class SimulatedHarness:
    def __init__(self, _: Path) -> None:
        reader = open_reader(SimulatedReaderSettings(kind="simulated", name=NAME))
        assert isinstance(reader, SimulatedReader)
        self._simulated = reader
        self.reader: Reader = reader
        self.hold = reader.present
        self.unplug = reader.unplug
        self.replug = reader.replug
        self.close = reader.close

    def half(self, number: bytes) -> None:
        """It has no wire."""

    def damaged(self, number: bytes) -> None:
        self._simulated.present(bytes(len(number)))

    def noise(self) -> None:
        """It has no wire."""

    def shown(self) -> list[bool]:
        return list(self._simulated.shown)


class OsdpHarness:
    """libosdp's own peripheral at the other end of a pseudo-terminal, with the same key."""

    def __init__(self, folder: Path) -> None:
        new_key(folder / "reader.key")
        self._told: list[str] = []
        link = folder / "usb-osdp"
        self._board = OsdpReader(
            read_key(folder / "reader.key"), address=5, link=link, tell=self._told.append
        )
        self.reader = open_reader(
            OsdpReaderSettings(
                kind="osdp", name=NAME, port=link, address=5, key_file=folder / "reader.key", baud=115200
            )
        )
        self.hold = self._board.present
        self.unplug = self._board.unplug
        self.replug = self._board.replug

    def half(self, number: bytes) -> None:
        """The beginning of a packet that nobody asked for and that never ends."""
        self._board.wire.write(b"\xff\x53\x85\x12\x00\x06\x50" + number)

    def damaged(self, number: bytes) -> None:
        """Its Wiegand frame with the first parity bit turned over."""
        bits = encode(number)
        self._board.present_bits(("0" if bits[0] == "1" else "1") + bits[1:])

    def noise(self) -> None:
        self._board.wire.write(bytes(range(256)))

    def shown(self) -> list[bool]:
        return [told == "light green" for told in list(self._told) if told.startswith("light")]

    def close(self) -> None:
        self.reader.close()
        self._board.close()


class SerialHarness:
    """A line a card: a checksum where the reader has one, else a fixed length."""

    def __init__(self, folder: Path, digits: Digits = Digits.HEX, checksum: Checksum = Checksum.XOR) -> None:
        link = folder / "usb-serial"
        self._digits = digits
        self._checksum = checksum
        self._board = LineReader(digits, checksum, link=link)
        self.reader = open_reader(
            SerialReaderSettings(kind="serial", name=NAME, port=link, digits=digits, checksum=checksum)
        )
        self.unplug = self._board.wire.unplug
        self.replug = self._board.wire.replug

    def hold(self, number: bytes) -> None:
        self._board.present(number)

    def half(self, number: bytes) -> None:
        self._board.wire.write(self._line(number)[:4])

    def damaged(self, number: bytes) -> None:
        line = bytearray(self._line(number))
        line[1] = ord("1") if line[1] != ord("1") else ord("0")
        self._board.wire.write(bytes(line) if self._checksum is Checksum.XOR else b"12A45\r\n")

    def noise(self) -> None:
        self._board.wire.write(bytes(range(128, 256)) + b"\r\n")

    def shown(self) -> None:
        return None

    def close(self) -> None:
        self.reader.close()
        self._board.close()

    def _line(self, number: bytes) -> bytes:
        return line_of(number, self._digits, self._checksum)


class KeyboardHarness:
    def __init__(self, folder: Path, *, uinput: bool = False) -> None:
        if uinput and not UINPUT.exists():
            pytest.skip("this kernel has no /dev/uinput")
        self._keyboard = (UinputKeyboard if uinput else FifoKeyboard)(folder / "usb-event-kbd")
        settings = KeyboardReaderSettings(kind="keyboard", name=NAME, device=self._keyboard.path, length=10)
        if uinput:
            self.reader = open_reader(settings)
        else:
            self.reader = RunningReader(NAME, lambda: KeyboardDevice(settings, lambda _: None))
        self.unplug = self._keyboard.unplug
        self.replug = self._keyboard.plug

    def hold(self, number: bytes) -> None:
        self._keyboard.type(keystrokes(self._text(number)))

    def half(self, number: bytes) -> None:
        self._keyboard.type(keystrokes(self._text(number)[:4], enter=False))

    def damaged(self, number: bytes) -> None:
        self._keyboard.type(keystrokes(self._text(number)[1:]))

    def noise(self) -> None:
        self._keyboard.type(b"".join(events(code) for code in (30, 2, 44)) + keystrokes(""))

    def shown(self) -> None:
        return None

    def close(self) -> None:
        self.reader.close()
        self._keyboard.unplug()

    @staticmethod
    def _text(number: bytes) -> str:
        return str(int.from_bytes(number)).zfill(10)


HARNESSES: dict[str, Callable[[Path], Harness]] = {
    "simulated": SimulatedHarness,
    "osdp": OsdpHarness,
    "serial-hex-checksum": SerialHarness,
    "serial-decimal": lambda folder: SerialHarness(folder, Digits.DECIMAL, Checksum.NONE),
    "serial-wiegand": lambda folder: SerialHarness(folder, Digits.WIEGAND, Checksum.NONE),
    "keyboard-fifo": KeyboardHarness,
    "keyboard-uinput": lambda folder: KeyboardHarness(folder, uinput=True),
}


def reads(reader: Reader, count: int, patience: float = PATIENCE) -> list[CardRead]:
    """What the gate's loop gets, until there are so many or a busy machine would have managed."""
    got: list[CardRead] = []
    until = time.monotonic() + patience
    while len(got) < count and time.monotonic() < until:
        got.extend(reader.poll())
        time.sleep(0.002)
    return got
