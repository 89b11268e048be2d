"""A bit that flipped on the way from a door reader must not become somebody else's card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnstile.readers.wiegand import bits_of_bytes, decode, encode

DATA = st.one_of(st.binary(min_size=3, max_size=3), st.binary(min_size=4, max_size=4))


def test_a_frame_of_the_data_sheets() -> None:
    """Facility 1, card 1: even parity over 0000 0001 0000 is 1, odd parity over 0000 0000 0001 is 0."""
    assert encode(bytes((1, 0, 1))) == "1" + "00000001" + "0000000000000001" + "0"
    assert decode("10000000100000000000000010") == bytes((1, 0, 1))


@given(DATA)
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    assert decode(encode(data)) == data


@given(DATA, st.data())
def test_no_single_flipped_bit_gets_through(data: bytes, draw: st.DataObject) -> None:
    bits = encode(data)
    place = draw.draw(st.integers(0, len(bits) - 1))
    flipped = bits[:place] + ("0" if bits[place] == "1" else "1") + bits[place + 1 :]
    with pytest.raises(ValueError, match="parity"):
        decode(flipped)


@given(DATA)
def test_each_half_of_a_frame_has_the_parity_of_the_standard(data: bytes) -> None:
    bits = encode(data)
    half = len(bits) // 2
    assert bits[:half].count("1") % 2 == 0
    assert bits[half:].count("1") % 2 == 1


@given(st.text(alphabet="01", max_size=64))
def test_only_frames_of_26_and_34_bits_are_frames(bits: str) -> None:
    if len(bits) not in (26, 34):
        with pytest.raises(ValueError, match="no Wiegand frame"):
            decode(bits)


@given(st.text(min_size=26, max_size=26))
def test_other_characters_are_no_bits(text: str) -> None:
    if set(text) <= {"0", "1"}:
        return
    with pytest.raises(ValueError, match="no Wiegand frame"):
        decode(text)


@pytest.mark.parametrize("length", [0, 1, 2, 5, 8])
def test_other_lengths_have_no_frame(length: int) -> None:
    with pytest.raises(ValueError, match="3 or 4 data bytes"):
        encode(bytes(length))


@given(st.text(alphabet="01", min_size=1, max_size=64))
def test_bits_come_out_of_bytes_as_they_went_in(bits: str) -> None:
    filled = bits + "0" * (-len(bits) % 8)
    assert bits_of_bytes(int(filled, 2).to_bytes(len(filled) // 8), len(bits)) == bits


@pytest.mark.parametrize(("data", "count"), [(b"", 0), (b"", 1), (b"\0\0", 8), (b"\0", 9), (b"\0", -1)])
def test_a_count_that_does_not_fit_the_bytes_is_refused(data: bytes, count: int) -> None:
    with pytest.raises(ValueError, match="length"):
        bits_of_bytes(data, count)
