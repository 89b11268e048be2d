"""OSDP on the wire: no card is ever taken outside a secure channel with our own key."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import serial

from edge.domain.ids import Slug
from edge.errors import ReaderError
from tests.contract.plain_osdp import ManOnTheWire, PlainReader
from tests.contract.readers import reads
from tests.contract.turnstiles import becomes
from turnstile.boards.osdp_reader import OsdpReader
from turnstile.boards.pseudo_terminal import PseudoTerminal
from turnstile.readers.factory import open_reader
from turnstile.readers.osdp import OsdpLink, install_key
from turnstile.readers.osdp_key import new_key, read_key
from turnstile.readers.settings import OsdpBus, OsdpReaderSettings

CARD = bytes.fromhex("39AB11")


class Bench:
    """A table with readers on it; `port` is where the gate looks."""

    def __init__(self, folder: Path, parts: ExitStack) -> None:
        self.folder = folder
        self.port = folder / "usb-osdp"
        self.parts = parts
        for name in ("reader.key", "other.key"):
            new_key(folder / name)
        self.key = read_key(folder / "reader.key")

    def settings(self, **changes: object) -> OsdpReaderSettings:
        return OsdpReaderSettings.model_validate(
            {"kind": "osdp", "name": "in", "port": self.port, "key_file": self.folder / "reader.key"}
            | changes
        )

    def reader(self, key: bytes | None, link: Path | None = None) -> tuple[OsdpReader, list[str]]:
        told: list[str] = []
        reader = OsdpReader(key, link=link or self.port, tell=told.append)
        self.parts.callback(reader.close)
        return reader, told

    def plain(self, *, claims_secure: bool = False) -> PlainReader:
        wire = PseudoTerminal(self.port)
        self.parts.callback(wire.unplug)
        plain = PlainReader(0, CARD, claims_secure=claims_secure)
        self.parts.callback(ManOnTheWire(wire, plain).close)
        return plain


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as parts:
        yield Bench(tmp_path, parts)


def test_a_reader_with_another_key_is_refused_and_the_message_says_what_to_do(bench: Bench) -> None:
    bench.reader(read_key(bench.folder / "other.key"))
    with pytest.raises(ReaderError, match="has another key than this gate") as caught:
        open_reader(bench.settings())
    assert "qaqpa-gate reader install-key" in caught.value.remedy


def test_a_reader_in_install_mode_is_refused(bench: Bench) -> None:
    """Everybody knows the key of install mode."""
    _, told = bench.reader(None)
    with pytest.raises(ReaderError, match="has another key than this gate"):
        open_reader(bench.settings())
    assert told == []


def test_a_reader_that_offers_no_secure_channel_is_refused(bench: Bench) -> None:
    bench.plain()
    with pytest.raises(ReaderError, match="offers no secure channel"):
        open_reader(bench.settings())


def test_a_reader_that_only_claims_a_secure_channel_is_refused(bench: Bench) -> None:
    bench.plain(claims_secure=True)
    with pytest.raises(ReaderError, match="has another key"):
        open_reader(bench.settings())


def test_a_card_told_in_the_clear_is_never_taken(bench: Bench) -> None:
    """Not even by a panel that would talk without a secure channel, as during installation."""
    plain = bench.plain()
    cards: list[bytes] = []
    link = OsdpLink(OsdpBus(port=bench.port), bench.key, lambda _, data: cards.append(data), install=True)
    while plain.cards_sent < 5:
        link.step()
    link.close()
    assert cards == []


def test_a_man_on_the_wire_cannot_slip_a_card_into_a_secure_session(bench: Bench) -> None:
    reader, _ = bench.reader(bench.key, bench.folder / "far")
    wire = PseudoTerminal(bench.port)
    bench.parts.callback(wire.unplug)
    far = bench.parts.enter_context(serial.Serial(str(bench.folder / "far"), timeout=0))
    plain = PlainReader(0, CARD)
    man = ManOnTheWire(wire, plain, far)
    bench.parts.callback(man.close)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    reader.present(b"\x01\x02\x03\x04")
    assert [read.number for read in reads(gate, 1)] == [b"\x01\x02\x03\x04"]
    man.take_over()
    assert becomes(lambda: plain.cards_sent > 0, True)
    assert becomes(lambda: gate.healthy, False)
    assert list(gate.poll()) == []


def test_a_recorded_session_cannot_be_played_again(bench: Bench) -> None:
    """A new session has new random numbers, so that the bytes of an old card mean nothing in it."""
    reader, _ = bench.reader(bench.key, bench.folder / "far")
    wire = PseudoTerminal(bench.port)
    bench.parts.callback(wire.unplug)
    far = bench.parts.enter_context(serial.Serial(str(bench.folder / "far"), timeout=0))
    recorder = Recorder(far)
    bench.parts.callback(ManOnTheWire(wire, PlainReader(0, CARD), recorder).close)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    reader.present(CARD)
    assert len(reads(gate, 1)) == 1
    recorder.replaying = True
    assert becomes(lambda: gate.healthy, False)
    assert list(gate.poll()) == []


class Recorder:
    """Keeps what a reader said and says it all again, in place of the reader."""

    def __init__(self, far: serial.Serial) -> None:
        self._far = far
        self._said: list[bytes] = []
        self.replaying = False

    def read(self, size: int) -> bytes:
        if self.replaying:
            return self._said.pop(0) if self._said else b""
        data: bytes = self._far.read(size)
        if data:
            self._said.append(data)
        return data

    def write(self, data: bytes) -> int | None:
        return len(data) if self.replaying else self._far.write(data)


def test_a_card_that_a_reader_kept_while_nobody_listened_opens_nothing_later(bench: Bench) -> None:
    """Who held it has gone; somebody else may stand there."""
    reader, _ = bench.reader(bench.key)
    open_reader(bench.settings()).close()
    for _ in range(3):
        reader.present(CARD)
    assert becomes(lambda: len(reader._cards), 0)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    assert list(gate.poll()) == []
    reader.present(b"\x01\x02\x03")
    assert [read.number for read in reads(gate, 1)] == [b"\x01\x02\x03"]


def test_a_port_without_a_reader_says_what_to_check(bench: Bench) -> None:
    wire = PseudoTerminal(bench.port)
    bench.parts.callback(wire.unplug)
    with pytest.raises(ReaderError, match=r"no card reader answers at .*, address 0, 9600 baud") as caught:
        open_reader(bench.settings())
    assert "A and B" in caught.value.remedy


def test_another_address_is_a_reader_that_does_not_answer(bench: Bench) -> None:
    bench.reader(bench.key)
    with pytest.raises(ReaderError, match="address 7"):
        open_reader(bench.settings(address=7))


def test_a_second_gate_cannot_take_the_reader(bench: Bench) -> None:
    bench.reader(bench.key)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    with pytest.raises(ReaderError, match="something uses"):
        open_reader(bench.settings())


def test_a_reader_that_loses_its_power_is_missed_and_found_again(bench: Bench) -> None:
    """The adapter stays in the computer: only the reader's answers are missing."""
    reader, _ = bench.reader(bench.key, bench.folder / "far")
    wire = PseudoTerminal(bench.port)
    bench.parts.callback(wire.unplug)
    far = serial.Serial(str(bench.folder / "far"), timeout=0)
    man = ManOnTheWire(wire, PlainReader(0, CARD), far)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    man.close()
    far.close()
    assert becomes(lambda: gate.healthy, False)
    assert gate.problem is not None
    assert "went silent" in str(gate.problem) or "no card reader answers" in str(gate.problem)
    far = bench.parts.enter_context(serial.Serial(str(bench.folder / "far"), timeout=0))
    bench.parts.callback(ManOnTheWire(wire, PlainReader(0, CARD), far).close)
    assert becomes(lambda: gate.healthy, True)
    reader.present(CARD)
    assert [read.number for read in reads(gate, 1)] == [CARD]


def test_a_pulled_adapter_is_not_taken_for_a_reader_without_power(bench: Bench) -> None:
    reader, _ = bench.reader(bench.key)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    reader.unplug()
    assert becomes(lambda: gate.healthy, False)
    assert "went away" in str(gate.problem) or "cannot open" in str(gate.problem)


def test_the_light_and_the_buzzer_say_the_same(bench: Bench) -> None:
    _, told = bench.reader(bench.key)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    gate.feedback(True)
    assert becomes(lambda: told[:], ["light green", "buzzer 1"])
    gate.feedback(False)
    assert becomes(lambda: told[2:], ["light red", "buzzer 3"])


def test_feedback_can_be_switched_off_for_readers_that_refuse_it(bench: Bench) -> None:
    reader, told = bench.reader(bench.key)
    gate = open_reader(bench.settings(feedback=False))
    bench.parts.callback(gate.close)
    gate.feedback(True)
    reader.present(CARD)
    assert len(reads(gate, 1)) == 1
    assert told == []


def test_a_key_is_installed_once_and_proven(bench: Bench) -> None:
    _, told = bench.reader(None)
    install_key(OsdpBus(port=bench.port), bench.key)
    assert told == ["key set"]
    gate = open_reader(bench.settings())
    assert gate.healthy
    gate.close()
    install_key(OsdpBus(port=bench.port), bench.key)
    with pytest.raises(ReaderError, match="has another key"):
        install_key(OsdpBus(port=bench.port), read_key(bench.folder / "other.key"))
    assert told == ["key set"]


def test_cards_of_every_length_keep_their_number(bench: Bench) -> None:
    reader, _ = bench.reader(bench.key)
    gate = open_reader(bench.settings())
    bench.parts.callback(gate.close)
    cards = [CARD, bytes.fromhex("0500BC61"), bytes.fromhex("04A1B2C3D4E5F6"), bytes(range(1, 17))]
    for card in cards:
        reader.present(card)
    reader.present_bits("1011")
    expected = [*(card.lstrip(b"\0") for card in cards), b"\x0b"]
    assert [read.number for read in reads(gate, 5)] == expected
    assert gate.name == Slug("in")
