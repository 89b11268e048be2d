"""From the configuration to running readers; nothing is probed and nothing falls back."""

from collections.abc import Callable, Sequence
from typing import assert_never

from edge.errors import QaqpaError, ReaderError
from turnstile.readers.device import Device
from turnstile.readers.keyboard import KeyboardDevice
from turnstile.readers.osdp_key import read_key
from turnstile.readers.ports import Reader
from turnstile.readers.running import RunningReader
from turnstile.readers.serial_line import SerialLineDevice
from turnstile.readers.settings import (
    KeyboardReaderSettings,
    OsdpReaderSettings,
    ReaderSettings,
    SerialReaderSettings,
    SimulatedReaderSettings,
)
from turnstile.readers.simulated import SimulatedReader


def open_readers(settings: Sequence[ReaderSettings]) -> list[Reader]:
    """Open every named reader, or none. Raises ReaderError or ConfigError that says what to do."""
    readers: list[Reader] = []
    try:
        for each in settings:
            readers.append(open_reader(each))
    except QaqpaError:
        for reader in readers:
            reader.close()
        raise
    return readers


def open_reader(settings: ReaderSettings) -> Reader:
    """Open one reader; an OSDP reader also proves that it has the key. Raises ReaderError or ConfigError."""
    match settings:
        case OsdpReaderSettings():
            return RunningReader(settings.name, _osdp(settings))
        case KeyboardReaderSettings():
            return RunningReader(settings.name, lambda: KeyboardDevice(settings))
        case SerialReaderSettings():
            return RunningReader(settings.name, lambda: SerialLineDevice(settings))
        case SimulatedReaderSettings():
            return SimulatedReader(settings.name)
    assert_never(settings)


def _osdp(settings: OsdpReaderSettings) -> Callable[[], Device]:
    key = read_key(settings.key_file)
    try:
        from turnstile.readers.osdp import OsdpDevice  # noqa: PLC0415  (other readers work without libosdp)
    except ImportError as error:
        remedy = "Install the gate's requirements again"
        raise ReaderError("OSDP readers need the package libosdp", remedy) from error
    return lambda: OsdpDevice(settings, key)
