"""A simulated OSDP card reader on a pseudo-terminal: the peripheral's side of libosdp."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import osdp_sys

from turnstile.boards.pseudo_terminal import PseudoTerminal
from turnstile.readers.wiegand import DATA_BITS, encode

STEP_SECONDS = 0.005
WAITING_CARDS = 64
_CAPABILITIES = {
    osdp_sys.CAP_READERS: 1,
    osdp_sys.CAP_READER_LED_CONTROL: 1,
    osdp_sys.CAP_READER_AUDIBLE_OUTPUT: 1,
    osdp_sys.CAP_COMMUNICATION_SECURITY: 1,
}
_COLOURS = {osdp_sys.LED_COLOR_GREEN: "green", osdp_sys.LED_COLOR_RED: "red"}


class OsdpReader:
    """Serves its terminal in a thread of its own from construction to `close`.

    `key`: None for a reader in install mode, which takes the first key it is given. `tell` is called in that
    thread with what a person at the reader sees and hears.
    """

    def __init__(
        self,
        key: bytes | None,
        *,
        address: int = 0,
        link: Path | None = None,
        tell: Callable[[str], None] | None = None,
    ) -> None:
        self._key = key
        self._address = address
        self._tell = tell
        self._cards: deque[str] = deque(maxlen=WAITING_CARDS)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self.wire = PseudoTerminal(link)
        osdp_sys.set_loglevel(osdp_sys.LOG_CRIT)
        self._device = self._start()
        self._thread = threading.Thread(target=self._serve, name="osdp-reader", daemon=True)
        self._thread.start()

    def present(self, number: bytes) -> None:
        """Hold a card to it: 3 and 4 bytes become Wiegand frames, other lengths are sent as they are."""
        wiegand = 8 * len(number) in DATA_BITS.values()
        self.present_bits(encode(number) if wiegand else "".join(f"{byte:08b}" for byte in number))

    def present_bits(self, bits: str) -> None:
        """Hold a card to it that gives these bits, right or wrong."""
        with self._lock:
            self._cards.append(bits)

    def unplug(self) -> None:
        """Pull the cable; cards it has not told are forgotten."""
        with self._lock:
            self.wire.unplug()
            self._cards.clear()

    def replug(self) -> None:
        """Put the cable back: the reader starts anew and knows no channel."""
        with self._lock:
            self.wire.replug()
            self._device = self._start()

    def close(self) -> None:
        """Stop serving and give the terminal back."""
        self._stop.set()
        self._thread.join()
        self.wire.unplug()

    def _start(self) -> Any:
        device = osdp_sys.PeripheralDevice(
            {
                "name": "simulated",
                "address": self._address,
                "flags": osdp_sys.FLAG_ENFORCE_SECURE if self._key else osdp_sys.FLAG_INSTALL_MODE,
                "scbk": self._key,
                "channel": self.wire,
                "version": 1,
                "model": 1,
                "vendor_code": 1,
                "serial_number": 1,
                "firmware_version": 1,
            },
            capabilities=[
                {"function_code": code, "compliance_level": level, "num_items": 1}
                for code, level in _CAPABILITIES.items()
            ],
        )
        device.set_command_callback(self._command)
        return device

    def _serve(self) -> None:
        while not self._stop.wait(STEP_SECONDS):
            with self._lock:
                if self.wire.plugged:
                    self._device.refresh()
                    self._report_cards()

    def _report_cards(self) -> None:
        if not self._device.is_sc_active():
            self._cards.clear()  # nobody would believe that somebody stood here a minute ago
        elif self._cards and self._report(self._cards[0]):
            self._cards.popleft()

    def _report(self, bits: str) -> bool:
        """Whether libosdp's own queue had room for it."""
        raw, wiegand = osdp_sys.CARD_FMT_RAW_UNSPECIFIED, osdp_sys.CARD_FMT_RAW_WIEGAND
        filled = int(bits, 2) << -len(bits) % 8
        report = {
            "event": osdp_sys.EVENT_CARDREAD,
            "reader_no": 0,
            "direction": 0,
            "format": wiegand if len(bits) in DATA_BITS else raw,
            "length": len(bits),
            "data": filled.to_bytes((len(bits) + 7) // 8),
        }
        return bool(self._device.submit_event(report))

    def _command(self, command: Mapping[str, Any]) -> tuple[int, None]:
        told = None
        match command["command"]:
            case osdp_sys.CMD_LED:
                told = f"light {_COLOURS.get(command['on_color'], 'other')}"
            case osdp_sys.CMD_BUZZER:
                told = f"buzzer {command['rep_count']}"
            case osdp_sys.CMD_KEYSET:
                self._key = command["data"]
                told = "key set"
        if told and self._tell:
            self._tell(told)
        return 0, None
