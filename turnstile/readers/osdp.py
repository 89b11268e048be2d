"""OSDP card readers (IEC 60839-11-5) through libosdp: the control panel's side, with secure channel only.

The C module `osdp_sys` is used directly: the package's own `osdp.ControlPanel` keeps every event in a queue
without bound and prints errors. libosdp waits 300 s after any trouble, so a lost channel is built anew.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import osdp_sys

from edge.errors import ReaderError
from turnstile.readers import osdp_lights
from turnstile.readers.osdp_card import number_in
from turnstile.readers.osdp_channel import Channel
from turnstile.readers.serial_port import gone, open_port
from turnstile.readers.settings import OsdpBus, OsdpReaderSettings

STEP_SECONDS = 0.01
"""libosdp wants to be called every 50 ms at least; a card waits for this and for its poll every 50 ms."""
SETTLE_SECONDS = 3.0
SILENCE_SECONDS = 1.5
"""A living reader answers 20 times a second."""
QUIET_SECONDS = 0.3
"""A reader that kept cards while nobody listened tells them one after another; who held them has gone."""


class OsdpLink:
    """One control panel with one reader. Raises ReaderError if the port cannot be opened.

    `install`: for a reader without a key: accept the default key once, and set `key` through it.
    """

    def __init__(
        self,
        bus: OsdpBus,
        key: bytes,
        on_card: Callable[[int, bytes], None],
        *,
        install: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._bus = bus
        self._on_card = on_card
        self._clock = clock
        self._offline = False
        self._secure_since: float | None = None
        self._quiet_since = 0.0
        self._settled = False
        self._serial = open_port(bus.port, bus.baud)
        self._channel = Channel(self._serial)
        self._heard = (0, clock())
        self._deadline = clock() + SETTLE_SECONDS
        osdp_sys.set_loglevel(osdp_sys.LOG_CRIT)
        secure = 0 if install else osdp_sys.FLAG_ENFORCE_SECURE
        self._panel = osdp_sys.ControlPanel(
            [
                {
                    "name": "reader",
                    "address": bus.address,
                    "flags": secure | osdp_sys.FLAG_ENABLE_NOTIFICATION,
                    "scbk": key,
                    "channel": self._channel,
                }
            ]
        )
        self._panel.set_event_callback(self._event)

    @property
    def secure(self) -> bool:
        """Whether the secure channel is up, with our key."""
        return bool(self._panel.sc_status() and self._panel.status())

    @property
    def settled(self) -> bool:
        """Whether a card is one that is held to the reader now."""
        return self._settled and self.secure

    def step(self) -> None:
        """One round of the protocol, about `STEP_SECONDS` long. Raises ReaderError if the reader is lost."""
        self._channel.wait(STEP_SECONDS)
        self._panel.refresh()
        now = self._clock()
        if self._channel.failed:
            raise gone(self._bus.port)
        if self._channel.received != self._heard[0]:
            self._heard = (self._channel.received, now)
        if self.secure:
            if self._secure_since is None:
                self._secure_since = self._quiet_since = now
            quiet = now - self._quiet_since > QUIET_SECONDS
            self._settled |= quiet or now - self._secure_since > SETTLE_SECONDS
            if now - self._heard[1] > SILENCE_SECONDS:
                raise ReaderError(f"the card reader at {self._bus.port} went silent", "Check cable and power")
        elif self._secure_since is not None or self._offline or now > self._deadline:
            raise self._why()

    def submit(self, command: Mapping[str, int]) -> None:
        """Queue a command; libosdp refuses it when its own queue is full, which loses a light."""
        self._panel.submit_command(0, dict(command))

    def can(self, capability: int) -> bool:
        """Whether the reader says that it has this."""
        return bool(self._panel.check_capability(0, capability)[0])

    def close(self) -> None:
        """Let go of the port."""
        self._serial.close()
        del self._panel  # it holds our callback, and the garbage collector does not see through it

    def _event(self, _: int, event: Mapping[str, Any]) -> int:
        if event["event"] == osdp_sys.EVENT_CARDREAD:
            self._quiet_since = self._clock()
            if self.settled and event["format"] != osdp_sys.CARD_FMT_ASCII:
                self._on_card(event["length"], event["data"])
        elif event["event"] == osdp_sys.EVENT_NOTIFICATION:
            self._offline |= event["type"] == osdp_sys.EVENT_NOTIFICATION_PD_STATUS and not event["arg0"]
        return 0

    def _why(self) -> ReaderError:
        port, address, baud = self._bus.port, self._bus.address, self._bus.baud
        if self._secure_since is not None:
            return ReaderError(
                f"the card reader at {port} lost its secure channel",
                "Check cable and power; if it does so after every card, set feedback = false for it",
            )
        if not any(self._panel.get_pd_id(0).values()):
            if self._channel.received:
                told = f"what answers at {port} is no OSDP reader at address {address} and {baud} baud"
            else:
                told = f"no card reader answers at {port}, address {address}, {baud} baud"
            return ReaderError(told, "Check its power, the wires A and B, its address and its baud rate")
        if not self.can(osdp_sys.CAP_COMMUNICATION_SECURITY):
            return ReaderError(
                f"the card reader at {port} offers no secure channel",
                "Switch it on in the reader, or take another reader: cards are never read in the clear",
            )
        return ReaderError(
            f"the card reader at {port} has another key than this gate",
            "Name the file of its key, or set the reader to install mode and give it this one with: "
            "qaqpa-gate reader install-key FILE --port PORT",
        )


class OsdpDevice:
    """A `Device`."""

    def __init__(
        self, settings: OsdpReaderSettings, key: bytes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._settings = settings
        self._cards: list[bytes] = []
        self._refused = 0
        self._link = OsdpLink(settings, key, self._card, clock=clock)

    @property
    def ready(self) -> bool:
        """As `Device.ready`."""
        return self._link.settled

    @property
    def misread(self) -> int:
        """As `Device.misread`."""
        return self._refused

    def read(self) -> Sequence[bytes]:
        """As `Device.read`."""
        self._link.step()
        cards, self._cards = self._cards, []
        return cards

    def feedback(self, accepted: bool) -> None:
        """A green or red light and one or three beeps."""
        if not self._settings.feedback:
            return
        if self._link.can(osdp_sys.CAP_READER_LED_CONTROL):
            self._link.submit(osdp_lights.light(accepted))
        if self._link.can(osdp_sys.CAP_READER_AUDIBLE_OUTPUT):
            self._link.submit(osdp_lights.sound(accepted))

    def close(self) -> None:
        """As `Device.close`."""
        self._link.close()

    def _card(self, bit_count: int, data: bytes) -> None:
        number = number_in(bit_count, data, self._settings)
        if number is None:
            self._refused += 1
        else:
            self._cards.append(number)


def install_key(bus: OsdpBus, key: bytes) -> None:
    """Give `key` to a reader in install mode and see it work. Raises ReaderError.

    A reader that has this key already is left as it is. The key travels under a key that everybody knows:
    only on a short cable of one's own.
    """
    for install in (True, False):
        link = OsdpLink(bus, key, lambda *_: None, install=install)
        try:
            while not link.secure:
                link.step()
        finally:
            link.close()
