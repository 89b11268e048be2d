"""Modbus RTU relay boards that open their relay by themselves when the gate falls silent; frames next door.

pymodbus makes and reads the frames, but its client does not carry them: it hides why a port cannot be opened,
and times its waits by the wall clock, which may be set back while the gate runs.
"""

import time
from collections.abc import Callable

import structlog
from pymodbus.pdu import ModbusPDU

from edge.errors import TurnstileError
from turnstile.drivers.line import SerialLine
from turnstile.drivers.modbus_frames import answers, frame, parse, pulse, read_inputs, read_relays, switch
from turnstile.drivers.settings import ModbusSettings

log = structlog.get_logger()
CHECK_SECONDS = 2.0
GAP_BITS = 39  # three and a half characters of eleven bits must lie between two frames
LONGEST_REST = 256
_SILENT = "Check its power, unit number, baud and parity, and whether A and B are swapped"


class ModbusRelays:
    """The relays and inputs of one board. A release is a pulse, renewed at half its time by `step`."""

    def __init__(self, settings: ModbusSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self._settings = settings
        self._line = SerialLine(settings.port, settings.baud, settings.parity.letter)
        self._clock = clock
        self._held: dict[int, ModbusPDU] = {}
        self._wanted: dict[int, bool] = {}
        self._renew = 0.0
        self._check_at = 0.0
        self._answered = False
        self._silent = False
        self._warned = False

    def open(self) -> None:
        """Open the port."""
        self._line.open()
        self._held.clear()
        self._wanted.clear()

    def on(self, channel: int) -> None:
        """Close a relay for `pulse_seconds`, again and again."""
        unit, seconds = self._settings.unit, self._settings.pulse_seconds
        self._hold(channel, pulse(unit, channel, seconds) if seconds else switch(unit, channel, on=True))

    def latch(self, channel: int) -> None:
        """Close a relay for good. Renewed as well: a pulse that is still running may end it."""
        self._hold(channel, switch(self._settings.unit, channel, on=True))

    def off(self, channel: int) -> None:
        """Open a relay."""
        self._held.pop(channel, None)
        self._wanted[channel] = False
        self._ask(switch(self._settings.unit, channel, on=False))

    def confirm(self) -> None:
        """Read the relays back; a board that never said anything is not asked, but spoken of once."""
        if self._answered:
            self._check()
        elif not self._warned:
            self._warned = True
            log.warning(
                "turnstile", problem=f"the Modbus board at {self._line.port} does not answer", remedy=_SILENT
            )

    def step(self) -> None:
        """Renew pulses, read the relays back."""
        self._line.read()  # noise; a pulled cable shows here first
        now = self._clock()
        if self._held and now >= self._renew:
            self._renew = now + self._renewal()
            for command in self._held.values():
                self._ask(command)
        if self._answered and now >= self._check_at:
            self._check()

    def inputs(self, count: int) -> list[bool] | None:
        """Whether each of the first inputs is on; None if the board does not say."""
        answer = self._ask(read_inputs(self._settings.unit, count))
        if answer is None or len(answer.bits) < count:
            return None
        return [bool(bit) for bit in answer.bits[:count]]

    def close(self) -> None:
        """Free the port."""
        self._line.close()

    def _hold(self, channel: int, command: ModbusPDU) -> None:
        if not self._held:
            self._renew = self._clock() + self._renewal()
        self._held[channel] = command
        self._wanted[channel] = True
        self._ask(command)

    def _renewal(self) -> float:
        return (self._settings.pulse_seconds or CHECK_SECONDS) / 2

    def _check(self) -> None:
        """A relay that stands otherwise is told once more: the loop may have been late for its pulse."""
        self._check_at = self._clock() + CHECK_SECONDS
        wrong = self._disobeying()
        for channel in wrong:
            self._ask(self._held.get(channel) or switch(self._settings.unit, channel, on=False))
        if wrong and (wrong := self._disobeying()):
            raise TurnstileError(
                f"relay {wrong[0]} of the Modbus board at {self._line.port} does not do what it is told",
                "Check that nothing else commands the board; else replace it",
            )

    def _disobeying(self) -> list[int]:
        answer = self._ask(read_relays(self._settings.unit, max(self._wanted, default=1)))
        if answer is None:
            return []
        bits = [bool(bit) for bit in answer.bits]
        return [
            channel
            for channel, on in self._wanted.items()
            if channel <= len(bits) and bits[channel - 1] is not on
        ]

    def _ask(self, request: ModbusPDU) -> ModbusPDU | None:
        """The board's answer; None from a board that never gave one. What went wrong once is tried again."""
        answer = self._exchange(request)
        expected = self._answered and not self._silent
        if (answer is None and expected) or (answer is not None and answer.isError()):
            answer = self._exchange(request)
        self._silent = answer is None
        if answer is None:
            if self._answered:
                raise TurnstileError(f"the Modbus board at {self._line.port} no longer answers", _SILENT)
            return None
        self._answered = True
        if answer.isError():
            raise TurnstileError(
                f"the Modbus board at {self._line.port} refuses a command (code {answer.exception_code})",
                "Check the channel numbers; a board without a pulse of its own needs pulse_seconds = 0",
            )
        return answer

    def _exchange(self, request: ModbusPDU) -> ModbusPDU | None:
        self._line.discard()
        time.sleep(GAP_BITS / self._settings.baud)
        self._line.write(frame(request))
        return self._listen(request)

    def _listen(self, request: ModbusPDU) -> ModbusPDU | None:
        received = b""
        until = time.monotonic() + self._settings.answer_seconds
        while (left := until - time.monotonic()) > 0:
            answer, rest = parse(received + self._line.read(left), self._settings.unit)
            if answer is not None and answers(answer, request):
                return answer
            received = rest[-LONGEST_REST:]
        return None
