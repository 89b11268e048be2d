"""The bytes of every relay board: an answer is heard wherever it is cut, and no noise can crash."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.framer import FramerRTU

from turnstile.drivers import lcus, modbus_frames
from turnstile.drivers.kmtronic import Kmtronic, frame
from turnstile.drivers.lcus import Lcus
from turnstile.drivers.numato import NAMES, Numato
from turnstile.drivers.serial_relays import LONGEST_REST, Dialect

DIALECTS: dict[str, Dialect] = {
    "lcus": Lcus(),
    "kmtronic-of-2": Kmtronic(2),
    "kmtronic-of-8": Kmtronic(8),
    "numato": Numato(),
}
states = st.dictionaries(st.integers(1, 2), st.booleans(), min_size=1)


def hear(dialect: Dialect, chunks: list[bytes]) -> dict[int, bool]:
    """As the driver does: what is left of one read is put before the next."""
    heard: dict[int, bool] = {}
    rest = b""
    for chunk in chunks:
        found, rest = dialect.heard(rest + chunk)
        rest = rest[-LONGEST_REST:]
        heard |= found
    return heard


def said(name: str, relays: Mapping[int, bool]) -> bytes:
    """What a board of this kind answers when its relays stand so."""
    match name:
        case "lcus":
            return b"".join(lcus.frame(channel, on=on) for channel, on in relays.items())
        case "kmtronic-of-2":
            return b"".join(frame(channel, on) for channel, on in relays.items())
        case "numato":
            return b"".join(
                f"relay read {NAMES[channel]}\n\r{'on' if on else 'off'}\n\r>".encode()
                for channel, on in relays.items()
            )
    return bytes(relays.get(number, False) for number in range(1, 9))


@pytest.mark.parametrize("name", DIALECTS)
@settings(deadline=None)
@given(relays=states, cuts=st.lists(st.integers(0, 80), max_size=5))
def test_an_answer_is_understood_wherever_the_line_cuts_it(
    name: str, relays: dict[int, bool], cuts: list[int]
) -> None:
    answer = said(name, relays)
    ends = [0, *sorted(min(cut, len(answer)) for cut in cuts), len(answer)]
    chunks = [answer[start:end] for start, end in pairwise(ends)]
    heard = hear(DIALECTS[name], chunks)
    assert heard | relays == heard


@pytest.mark.parametrize("name", ["lcus", "kmtronic-of-2", "numato"])
@settings(deadline=None)
@given(relays=states, noise=st.binary(max_size=40).filter(lambda noise: not set(noise) & set(b"\xa0\xffr")))
def test_noise_before_an_answer_does_not_hide_it(name: str, relays: dict[int, bool], noise: bytes) -> None:
    assert hear(DIALECTS[name], [noise + said(name, relays)]) == relays


@pytest.mark.parametrize("name", DIALECTS)
@settings(deadline=None)
@given(chunks=st.lists(st.binary(max_size=64), max_size=8))
def test_no_noise_can_crash_or_name_a_relay_that_no_board_has(name: str, chunks: list[bytes]) -> None:
    assert set(hear(DIALECTS[name], chunks)) <= set(range(256 if name == "lcus" else 32))


@settings(deadline=None)
@given(st.integers(0, 255), st.booleans())
def test_a_flipped_bit_of_an_lcus_frame_is_never_another_command(channel: int, on: bool) -> None:
    whole = lcus.frame(channel, on=on)
    for bit in range(32):
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        assert lcus.parse(bytes(damaged)) is None


def test_a_row_of_states_with_a_byte_too_many_is_not_believed() -> None:
    """Nothing marks where a KMTronic row begins: a byte of noise would shift relay 1 to relay 2."""
    assert Kmtronic(4).heard(b"\x00\x01\x00\x00\x00") == ({}, b"")
    assert Kmtronic(4).heard(b"\x00\x01\x02\x00") == ({}, b"")


@settings(deadline=None)
@given(st.integers(1, 247), st.integers(1, 64), st.booleans())
def test_the_echo_of_a_modbus_command_is_its_answer(unit: int, channel: int, on: bool) -> None:
    request = modbus_frames.switch(unit, channel, on=on)
    answer, rest = modbus_frames.parse(modbus_frames.frame(request), unit)
    assert answer is not None
    assert rest == b""
    assert modbus_frames.answers(answer, request)
    assert not modbus_frames.answers(answer, modbus_frames.switch(unit, channel + 1, on=on))


@settings(deadline=None)
@given(st.integers(1, 247), st.floats(0.04, 60))
def test_a_pulse_is_never_a_steady_on(unit: int, seconds: float) -> None:
    """Zero tenths or FF00 would mean something else to the board."""
    value = modbus_frames.pulse(unit, 1, seconds).value
    assert 1 <= value <= 600


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(1, 247))
def test_no_noise_crashes_the_modbus_reader(noise: bytes, unit: int) -> None:
    answer, rest = modbus_frames.parse(noise, unit)
    assert answer is None or answer.dev_id == unit
    assert noise.endswith(rest)


@settings(deadline=None)
@given(st.integers(0, 255), st.binary(max_size=40))
def test_no_frame_with_a_right_checksum_crashes_it_either(function: int, body: bytes) -> None:
    whole = bytes((1, function)) + body
    answer, _ = modbus_frames.parse(whole + FramerRTU.compute_CRC(whole).to_bytes(2, "big"), 1)
    assert answer is None or answer.dev_id == 1


@settings(deadline=None)
@given(st.integers(0, 63))
def test_a_flipped_bit_of_a_modbus_frame_is_no_answer(bit: int) -> None:
    whole = bytearray(modbus_frames.frame(modbus_frames.switch(1, 1, on=True)))
    whole[bit // 8] ^= 1 << bit % 8
    assert modbus_frames.parse(bytes(whole), 1)[0] is None
