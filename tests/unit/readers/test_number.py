"""A card enrolled at one reader must be the same card at the next, and nothing else may be a card."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from edge.credentials.card import NumberSettings, from_bytes
from turnstile.boards.line_reader import line_of
from turnstile.readers import osdp_card
from turnstile.readers.number import Digits, from_text
from turnstile.readers.text import LONGEST_MESSAGE, Checksum, TextSettings, number_in
from turnstile.readers.wiegand import encode

# One EM4100 card; its print reads "0012345678 188,24910".
WHOLE = bytes.fromhex("0500BC614E")


def settings(**changes: object) -> TextSettings:
    return TextSettings.model_validate(changes)


def test_one_card_has_one_number_at_every_kind_of_reader() -> None:
    low = {"low_bytes": 3}
    expected = bytes.fromhex("BC614E")
    bits = encode(expected)
    frame = (int(bits, 2) << 6).to_bytes(4)
    assert number_in(b"0012345678", settings(**low)) == expected
    assert number_in(b"0500BC614E", settings(digits="hex", **low)) == expected
    assert number_in(b"0500BC614E96", settings(digits="hex", **low), Checksum.XOR) == expected
    assert number_in(bits.encode(), settings(digits="wiegand", **low)) == expected
    assert osdp_card.number_in(26, frame, NumberSettings(low_bytes=3)) == expected
    assert osdp_card.number_in(40, WHOLE, NumberSettings(low_bytes=3)) == expected


def test_a_reader_that_tells_the_lowest_byte_first_is_put_right() -> None:
    turned = NumberSettings(reverse_bytes=True)
    assert from_bytes(bytes.fromhex("4E61BC0005"), turned) == WHOLE.lstrip(b"\0")
    padded = NumberSettings(reverse_bytes=True, low_bytes=4)
    assert from_bytes(bytes.fromhex("4E61BC"), padded) == bytes.fromhex("BC614E00")


def test_a_decimal_number_is_turned_only_if_its_width_is_known() -> None:
    """Its leading zeros are lost, and with them the place of every byte."""
    with pytest.raises(ValidationError, match="reverse_bytes of a decimal number needs low_bytes"):
        settings(reverse_bytes=True)
    turned = settings(reverse_bytes=True, low_bytes=4)
    assert number_in(str(0x00BC614E).encode(), turned) == bytes.fromhex("4E61BC00")


@pytest.mark.parametrize("number", [b"", b"\0", bytes(5), bytes(33), b"\1" * 33])
def test_nothing_zero_and_too_much_are_no_cards(number: bytes) -> None:
    assert from_bytes(number, NumberSettings()) is None


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        (b"12A4", Digits.DECIMAL),
        (b"1_2", Digits.DECIMAL),
        (b"+12", Digits.DECIMAL),
        (b" 12", Digits.DECIMAL),
        ("١٢".encode(), Digits.DECIMAL),
        (b"0x12", Digits.HEX),
        (b"ABC", Digits.HEX),
        (b"AB CD", Digits.HEX),
        (b"\xff\xfe", Digits.HEX),
        (b"1" * 65, Digits.DECIMAL),
        (b"1" * 26, Digits.WIEGAND),
        (b"2" * 26, Digits.WIEGAND),
        (b"", Digits.HEX),
    ],
)
def test_text_that_is_no_number_is_none(text: bytes, digits: Digits) -> None:
    assert from_text(text, digits) is None


@given(st.binary(min_size=1, max_size=16))
def test_hex_and_decimal_write_the_same_number(number: bytes) -> None:
    assert number_in(number.hex().encode(), settings(digits="hex")) == (number.lstrip(b"\0") or None)
    assert number_in(str(int.from_bytes(number)).encode(), settings()) == (number.lstrip(b"\0") or None)


@given(st.binary(min_size=1, max_size=12), st.integers(0, 200), st.sampled_from(b"0123456789ABCDEF"))
def test_no_changed_character_gets_past_the_checksum(number: bytes, place: int, other: int) -> None:
    line = bytearray(line_of(number, Digits.HEX, Checksum.XOR)[:-2])
    place %= len(line)
    kept = line[place] == other
    line[place] = other
    read = number_in(bytes(line), settings(digits="hex"), Checksum.XOR)
    assert read == ((number.lstrip(b"\0") or None) if kept else None)


def test_what_stands_around_the_number_must_be_there() -> None:
    around = settings(prefix="ID:", suffix="#")
    assert number_in(b"ID:0012345678#", around) == bytes.fromhex("BC614E")
    for message in (b"0012345678", b"ID:0012345678", b"0012345678#", b"ID:#", b"ID#", b"ID:0012#345678"):
        assert number_in(message, around) is None


def test_a_fixed_length_keeps_two_cards_from_becoming_one() -> None:
    assert number_in(b"0012345678", settings(length=10)) is not None
    assert number_in(b"00120012345678", settings(length=10)) is None


@given(st.binary(max_size=2 * LONGEST_MESSAGE), st.sampled_from(Digits), st.sampled_from(Checksum))
def test_no_message_does_more_than_give_a_number_or_none(
    message: bytes, digits: Digits, checksum: Checksum
) -> None:
    read = number_in(message, settings(digits=digits), checksum)
    assert read is None or (0 < len(read) <= 32 and read[0] != 0)


@pytest.mark.parametrize("count", [0, -1, 257, 10_000])
def test_an_osdp_report_of_an_impossible_length_is_no_card(count: int) -> None:
    assert osdp_card.number_in(count, b"\1\2\3\4", NumberSettings()) is None


def test_an_osdp_report_whose_parity_is_wrong_is_no_card() -> None:
    good = encode(b"\1\2\3")
    bad = ("0" if good[0] == "1" else "1") + good[1:]
    assert osdp_card.number_in(26, (int(bad, 2) << 6).to_bytes(4), NumberSettings()) is None
