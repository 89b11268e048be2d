"""A keyboard reader in the kernel's input layer: its cards reach the gate and nobody else."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.errors import ReaderError
from tests.contract.keyboards import UINPUT, UinputKeyboard, keystrokes
from tests.contract.readers import NAME
from turnstile.readers.keyboard import KeyboardDevice
from turnstile.readers.settings import KeyboardReaderSettings

pytestmark = pytest.mark.skipif(not UINPUT.exists(), reason="this kernel has no /dev/uinput")


@pytest.fixture
def keyboard(tmp_path: Path) -> Iterator[UinputKeyboard]:
    keyboard = UinputKeyboard(tmp_path / "usb-event-kbd")
    yield keyboard
    keyboard.unplug()


def settings(keyboard: UinputKeyboard) -> KeyboardReaderSettings:
    return KeyboardReaderSettings(kind="keyboard", name=NAME, device=keyboard.path, length=10)


def cards(device: KeyboardDevice) -> list[int]:
    """Everything that waits in the kernel."""
    found: list[int] = []
    while numbers := device.read():
        found += [int.from_bytes(number) for number in numbers]
    return found


def test_a_card_is_not_typed_into_the_console(keyboard: UinputKeyboard) -> None:
    console = os.open(keyboard.path, os.O_RDONLY | os.O_NONBLOCK)
    device = KeyboardDevice(settings(keyboard))
    keyboard.burst(keystrokes("0012345678"))
    assert cards(device) == [12345678]
    with pytest.raises(BlockingIOError):
        os.read(console, 4096)
    device.close()
    keyboard.burst(keystrokes("12"))
    assert os.read(console, 4096)
    os.close(console)


def test_two_gates_cannot_share_a_reader(keyboard: UinputKeyboard) -> None:
    device = KeyboardDevice(settings(keyboard))
    with pytest.raises(ReaderError, match="has taken"):
        KeyboardDevice(settings(keyboard))
    device.close()
    KeyboardDevice(settings(keyboard)).close()


def test_a_flood_that_the_kernel_cut_gives_no_card_that_nobody_held(keyboard: UinputKeyboard) -> None:
    device = KeyboardDevice(settings(keyboard))
    sent = range(1_111_111_111, 1_111_111_411)
    for number in sent:
        keyboard.burst(keystrokes(str(number)))
    assert set(cards(device)) <= set(sent)
    assert device.misread > 0
    keyboard.burst(keystrokes("0012345678"))
    assert cards(device) == [12345678]
    device.close()
