"""Modbus RTU as relay boards with a pulse of their own speak it (Waveshare "Modbus RTU Relay" and its kin).

Source: the maker's wiki page "Modbus RTU Relay", protocol V3, whose examples the tests repeat; the echo is
that of the Modbus application protocol, V1.1b3, section 6.5.

| bytes                     | meaning                                                     |
|---------------------------|-------------------------------------------------------------|
| `01 05 00 00 FF 00 8C 3A` | unit 1: relay 1 on                                          |
| `01 05 00 00 00 00 CD CA` | relay 1 off                                                 |
| `01 05 02 00 00 07 8D B0` | relay 1 on for 7 tenths of a second, timed by the board     |
| `01 01 00 00 00 08 3D CC` | how are relays 1 to 8?                                      |
| `01 02 00 00 00 08 79 CC` | how are inputs 1 to 8?                                      |

A board repeats what it carries out, and answers a command it does not know with function 85.
"""

import logging
import struct

from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerRTU
from pymodbus.pdu import DecodePDU, ModbusPDU
from pymodbus.pdu.bit_message import ReadCoilsRequest, ReadDiscreteInputsRequest, WriteSingleCoilRequest

# Without a handler Python prints a library's warnings; what they say, this program says in its own words.
logging.getLogger("pymodbus").addHandler(logging.NullHandler())

ON = 0xFF00
OFF = 0x0000
PULSE = 0x0200
TENTHS = 10

_framer = FramerRTU(DecodePDU(False))


class CoilCommand(WriteSingleCoilRequest):
    """Function 05 with any value: pymodbus knows on and off only, the pulse carries its time there."""

    def __init__(self, address: int = 0, value: int = OFF, unit: int = 0) -> None:
        super().__init__(address=address, dev_id=unit)
        self.value = value

    def encode(self) -> bytes:
        """Address and value, 16 bits each."""
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        """The same, back again."""
        self.address, self.value = struct.unpack(">HH", data[:4])


def switch(unit: int, channel: int, *, on: bool) -> CoilCommand:
    """A relay on or off until told otherwise; channels are counted from 1."""
    return CoilCommand(channel - 1, ON if on else OFF, unit)


def pulse(unit: int, channel: int, seconds: float) -> CoilCommand:
    """A relay on for a time that the board measures, to a tenth of a second."""
    return CoilCommand(PULSE + channel - 1, max(1, round(seconds * TENTHS)), unit)


def read_relays(unit: int, count: int) -> ReadCoilsRequest:
    """The first `count` relays."""
    return ReadCoilsRequest(address=0, count=count, dev_id=unit)


def read_inputs(unit: int, count: int) -> ReadDiscreteInputsRequest:
    """The first `count` inputs."""
    return ReadDiscreteInputsRequest(address=0, count=count, dev_id=unit)


def frame(request: ModbusPDU) -> bytes:
    """The bytes on the wire, checksum included."""
    return _framer.buildFrame(request)


def parse(received: bytes, unit: int) -> tuple[ModbusPDU | None, bytes]:
    """The answer of this unit, if it is there by now, and what may still become one. Never raises."""
    try:
        used, answer = _framer.handleFrame(received, unit, 0)
    except ModbusException:
        return None, b""
    return answer, received[used:]


def answers(answer: ModbusPDU, request: ModbusPDU) -> bool:
    """Whether this is about that: the same function, or its refusal, and the same relay."""
    if answer.function_code & 0x7F != request.function_code:
        return False
    return not isinstance(request, CoilCommand) or answer.isError() or answer.address == request.address
