"""A simulated Modbus RTU relay board: a pymodbus server, and the cable between it and the board's terminal.

It knows functions 01, 02 and 05, the last one with the board's own pulse: `turnstile.drivers.modbus_frames`.
"""

import asyncio
import contextlib
import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from pymodbus.constants import ExcCodes
from pymodbus.datastore import ModbusServerContext
from pymodbus.exceptions import NoSuchIdException
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
)
from pymodbus.server import ModbusSerialServer
from pymodbus.simulator import DataType, SimData, SimDevice

from edge.domain.events import Direction
from turnstile.boards.people import People
from turnstile.boards.terminal import TerminalBoard, open_terminal, send
from turnstile.drivers.modbus_frames import OFF, ON, PULSE, TENTHS, CoilCommand

READY_SECONDS = 10.0


class ModbusBoard(TerminalBoard):
    """A board with as many inputs as relays, whose relays open by themselves at the end of a pulse."""

    def __init__(
        self,
        channels: int,
        *,
        unit: int = 1,
        has_pulse: bool = True,
        answers: bool = True,
        link: Path | None = None,
        on_change: Callable[[int, bool], None] | None = None,
        people: People | None = None,
        channels_of: Mapping[int, Direction] | None = None,
    ) -> None:
        self.unit = unit
        self._has_pulse = has_pulse
        self._ends_at: dict[int, float] = {}
        self._inputs = [False] * channels
        self._inside = open_terminal()
        self._server = _Server(self, Path(os.ttyname(self._inside[1])))
        super().__init__(
            channels,
            answers=answers,
            link=link,
            on_change=on_change,
            people=people,
            channels_of=channels_of,
        )

    def contact(self, number: int, *, closed: bool) -> None:
        """Close or open a contact at one of the inputs, counted from 1."""
        with self._lock:
            self._inputs[number - 1] = closed

    def unplug(self) -> None:
        """Pull the cable; running pulses end with the power."""
        self._ends_at.clear()
        super().unplug()

    def close(self) -> None:
        """End the server too."""
        super().close()
        self._server.close()
        for end in self._inside:
            os.close(end)

    def obey(self, pending: bytearray) -> None:
        """To the server with it."""
        send(self._inside[0], bytes(pending))
        pending.clear()

    def pass_time(self) -> None:
        """Carry the server's answers out; end the pulses that are over."""
        super().pass_time()
        with contextlib.suppress(BlockingIOError):
            self.answer(os.read(self._inside[0], 4096))
        now = time.monotonic()
        for channel in [channel for channel, end in self._ends_at.items() if end <= now]:
            del self._ends_at[channel]
            self.switch(channel, on=False)

    def coil(self, address: int, value: int) -> bool:
        """Function 05; false if there is no such relay or value."""
        with self._lock:
            channel = (address & 0xFF) + 1
            if channel not in self._relays or not self._ends:
                return False
            if address & 0xFF00 == PULSE and self._has_pulse:
                self._ends_at[channel] = time.monotonic() + value / TENTHS
            elif address & 0xFF00 == 0 and value in (ON, OFF):
                self._ends_at.pop(channel, None)
            else:
                return False
            self.switch(channel, on=value != OFF)
            return True

    def bits(self, function: int, count: int) -> list[bool] | None:
        """The first relays (function 01) or inputs (02); None if there are not so many."""
        with self._lock:
            bits = list(self._relays.values()) if function == ReadCoilsRequest.function_code else self._inputs
            return bits[:count] if count <= len(bits) else None


class _Server:
    """The pymodbus server in a thread of its own."""

    def __init__(self, board: ModbusBoard, port: Path) -> None:
        self._board = board
        self._port = port
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._server: ModbusSerialServer
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve()), name="modbus-board", daemon=True
        )
        self._thread.start()
        self._ready.wait(READY_SECONDS)

    def close(self) -> None:
        stopped = asyncio.run_coroutine_threadsafe(self._stop(), self._loop)
        stopped.result(READY_SECONDS)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        # The server wants a memory of its own beside the commands, which do not use it.
        self._server = ModbusSerialServer(
            SimDevice(self._board.unit, SimData(0, datatype=DataType.REGISTERS)),
            port=str(self._port),
            ignore_missing_devices=True,
            custom_pdu=_commands(self._board),
        )
        await self._server.serve_forever(background=True)
        self._ready.set()
        await self._server.serving

    async def _stop(self) -> None:
        await self._server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus forgot to say that it is None


def _commands(board: ModbusBoard) -> list[type[ModbusPDU]]:
    def mine(request: ModbusPDU) -> None:
        if request.dev_id != board.unit:
            raise NoSuchIdException(str(request.dev_id))  # on a bus, others keep silent

    class Coil(CoilCommand):
        async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
            mine(self)
            if board.coil(self.address, self.value):
                return self
            return ExceptionResponse(self.function_code, ExcCodes.ILLEGAL_ADDRESS)

    class Relays(ReadCoilsRequest):
        async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
            mine(self)
            bits = board.bits(self.function_code, self.count) if self.address == 0 else None
            if bits is None:
                return ExceptionResponse(self.function_code, ExcCodes.ILLEGAL_ADDRESS)
            return ReadCoilsResponse(bits=bits)

    class Inputs(ReadDiscreteInputsRequest):
        async def datastore_update(self, context: ModbusServerContext, device_id: int) -> ModbusPDU:
            mine(self)
            bits = board.bits(self.function_code, self.count) if self.address == 0 else None
            if bits is None:
                return ExceptionResponse(self.function_code, ExcCodes.ILLEGAL_ADDRESS)
            return ReadDiscreteInputsResponse(bits=bits)

    return [Coil, Relays, Inputs]
