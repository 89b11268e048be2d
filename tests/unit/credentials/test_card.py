"""A card that staff enter at the desk is the card that the gate's reader sees."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.credentials.card import LONGEST, CardSettings, Digits, card_number

DECIMAL = CardSettings()
HEX = CardSettings(digits=Digits.HEX)
CARD = bytes.fromhex("bc614e")


@pytest.mark.parametrize(
    ("typed", "settings", "number"),
    [
        ("0012345678", DECIMAL, CARD),
        ("12345678\n", DECIMAL, CARD),
        ("188,24910", DECIMAL, CARD),
        ("188,24910", HEX, CARD),
        ("00BC614E", HEX, CARD),
        ("bc:61-4e", HEX, CARD),
        ("0500BC614E", CardSettings(digits=Digits.HEX, low_bytes=3), CARD),
        ("4E61BC00", CardSettings(digits=Digits.HEX, low_bytes=4, reverse_bytes=True), CARD),
        ("1315027968", CardSettings(low_bytes=4, reverse_bytes=True), CARD),
    ],
)
def test_a_card_is_the_same_however_its_number_is_written(
    typed: str, settings: CardSettings, number: bytes
) -> None:
    assert card_number(typed, settings) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "0000",
        "12;34",
        "карта",
        "٣٤",
        "1_000",
        "+5",
        "1" * 100,
        "256,1",
        "0,0",
        "1,65536",
        "1,2,3",
        "BC614E",
    ],
)
def test_what_is_no_card_number_is_told(typed: str) -> None:
    with pytest.raises(ValueError, match="no card number in decimal digits"):
        card_number(typed, DECIMAL)


@given(st.text(max_size=90), st.sampled_from([DECIMAL, HEX]))
def test_any_text_is_a_number_or_a_clear_error(typed: str, settings: CardSettings) -> None:
    try:
        number = card_number(typed, settings)
    except ValueError as error:
        assert str(error).startswith("that is no card number")  # noqa: PT017 - any text may be a number too
        return
    assert 1 <= len(number) <= LONGEST
    assert number[0] != 0


@given(st.integers(1, 2**256 - 1))
def test_a_number_comes_back_in_decimal_and_hex(value: int) -> None:
    number = value.to_bytes((value.bit_length() + 7) // 8)
    if len(str(value)) <= 2 * LONGEST:
        assert card_number(str(value), DECIMAL) == number
    assert card_number(f"{value:x}", HEX) == number


def test_reversed_bytes_need_a_width() -> None:
    with pytest.raises(ValueError, match="reverse_bytes needs low_bytes"):
        CardSettings(reverse_bytes=True)
