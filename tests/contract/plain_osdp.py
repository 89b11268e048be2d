"""OSDP in the clear, written by hand: a reader without secure channel, and somebody on the wire.

Frames: IEC 60839-11-5, 5.9: SOM 0x53, address (bit 7 in replies), length, control (2 bits sequence, 0x04 CRC,
0x08 security block), data, CRC-16 (0x1021, initial 0x1D0F), the lowest byte first.
"""

import binascii
import struct
import threading
from typing import Protocol

from turnstile.boards.pseudo_terminal import PseudoTerminal

SOM = 0x53
NAK, PD_ID, PD_CAP, RAW = 0x41, 0x45, 0x46, 0x50
SC_UNSUPPORTED = 5


class Wire(Protocol):
    def read(self, size: int) -> bytes: ...

    def write(self, data: bytes) -> int | None: ...


def reply(address: int, sequence: int, code: int, data: bytes = b"") -> bytes:
    """One whole reply with CRC, in the clear."""
    body = bytes((code,)) + data
    head = struct.pack("<BBHB", SOM, address | 0x80, len(body) + 7, sequence | 0x04)
    return head + body + struct.pack("<H", binascii.crc_hqx(head + body, 0x1D0F))


def raw_card(data: bytes) -> bytes:
    """The data of an `osdp_RAW` of whole bytes."""
    return struct.pack("<BBH", 0, 0, 8 * len(data)) + data


def command_in(received: bytearray) -> tuple[int, int] | None:
    """Takes the next whole command off: its sequence number and code (of a secured one the code as it is)."""
    while received and received[0] != SOM:
        del received[0]
    if len(received) < 8:
        return None
    length = int.from_bytes(received[2:4], "little")
    if len(received) < length:
        return None
    packet = bytes(received[:length])
    del received[:length]
    control = packet[4]
    code = packet[5 + packet[5]] if control & 0x08 else packet[5]
    return control & 0x03, code


class PlainReader:
    """Answers with a card to whatever it is asked once it was identified: the worst a reader could do.

    `claims_secure`: it says that it can have a secure channel, and then refuses to.
    """

    ID, CAPABILITIES, CHALLENGE = 0x61, 0x62, 0x76

    def __init__(self, address: int, card: bytes, *, claims_secure: bool = False) -> None:
        self._address = address
        self._card = card
        self._claims_secure = claims_secure
        self._received = bytearray()
        self.cards_sent = 0

    def serve(self, wire: Wire) -> None:
        self._received += wire.read(4096)
        while (command := command_in(self._received)) is not None:
            wire.write(self._answer(*command))

    def _answer(self, sequence: int, code: int) -> bytes:
        match code:
            case PlainReader.ID:
                return reply(self._address, sequence, PD_ID, bytes(range(1, 13)))
            case PlainReader.CAPABILITIES:
                functions = [(13, 1, 1)] + [(9, 1, 1)] * self._claims_secure
                return reply(self._address, sequence, PD_CAP, b"".join(bytes(each) for each in functions))
            case PlainReader.CHALLENGE:
                return reply(self._address, sequence, NAK, bytes((SC_UNSUPPORTED,)))
        self.cards_sent += 1
        return reply(self._address, sequence, RAW, raw_card(self._card))


class ManOnTheWire:
    """Between the gate and a real reader: passes everything on until told to answer by himself.

    With `reader` None he serves the gate alone.
    """

    def __init__(self, wire: PseudoTerminal, plain: PlainReader, reader: Wire | None = None) -> None:
        self._wire = wire
        self._plain = plain
        self._reader = reader
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def take_over(self) -> None:
        self._reader = None

    def close(self) -> None:
        self._stop.set()
        self._thread.join()

    def _serve(self) -> None:
        while not self._stop.wait(0.002):
            reader = self._reader
            if reader is None:
                self._plain.serve(self._wire)
            else:
                reader.write(self._wire.read(4096))
                self._wire.write(reader.read(4096))
