"""A staff member's PIN is not among the first that a pupil would try, and nobody reads it off the vault."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.credentials.pin import hash_pin, matches, require_good

BORN = date(1980, 5, 17)
DIGITS = st.text("0123456789", min_size=6, max_size=12)


@pytest.mark.parametrize("pin", ["482915", "90412775", "271828182845"])
def test_an_ordinary_pin_may_be_set(pin: str) -> None:
    require_good(pin, BORN)


@pytest.mark.parametrize(
    "pin", ["", "48291", "4829150000001", "48291a", " 482915", "48-2915", "٤٨٢٩١٥", "４８２９１５"]
)
def test_what_is_no_pin(pin: str) -> None:
    with pytest.raises(ValueError, match="6 to 12 digits"):
        require_good(pin, BORN)


@pytest.mark.parametrize(
    "pin",
    ["000000", "7777777", "121212", "1212121", "123123", "848484", "123456", "654321", "012345", "890123",
     "21098765", "1234567890"],
)  # fmt: skip
def test_the_first_that_anybody_tries_are_refused(pin: str) -> None:
    with pytest.raises(ValueError, match="first that anybody tries"):
        require_good(pin, BORN)


@pytest.mark.parametrize("pin", ["170580", "800517", "17051980", "19800517", "051780", "9170580"])
def test_the_own_date_of_birth_is_refused(pin: str) -> None:
    """Pupils know their teachers' birthdays."""
    with pytest.raises(ValueError, match="date of birth"):
        require_good(pin, BORN)
    require_good(pin, date(1999, 11, 30))
    require_good(pin, None)  # not known: nothing to compare it with


@given(DIGITS | st.text(max_size=20))
def test_a_refusal_never_repeats_the_pin(pin: str) -> None:
    try:
        require_good(pin, BORN)
    except ValueError as error:
        assert len(pin) < 3 or pin not in str(error)  # noqa: PT017 - most PINs are fine


def test_only_the_very_pin_matches_its_hash() -> None:
    hashed = hash_pin("482915")
    assert matches("482915", hashed)
    for other in ("482916", "0482915", "482915 ", "48291", "", "\ud800", "４８２９１５"):
        assert not matches(other, hashed)


def test_two_members_with_one_pin_have_different_hashes() -> None:
    one, other = hash_pin("482915"), hash_pin("482915")
    assert one != other
    assert one.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
