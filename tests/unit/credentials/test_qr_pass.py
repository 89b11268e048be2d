"""A pass opens for its school until its last second, and no byte of it can be changed."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.credentials import base45
from edge.credentials.qr_pass import LAST_ISSUE, PREFIX, QrPass, sign, verify
from edge.domain.credentials import Refusal
from edge.domain.ids import ChildId, Slug
from tests.unit.credentials.made import ENDS, KEY, LATER, MORNING, SCHOOL, made, text

PUBLIC = KEY.public_key()
slugs = st.from_regex(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", fullmatch=True).map(Slug)
passes = st.builds(
    QrPass,
    slugs,
    st.from_regex(r"[0-9a-f]{32}", fullmatch=True).map(ChildId),
    st.integers(1, LAST_ISSUE),
    st.integers(0, 2**32 - 1).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
)


@given(passes)
def test_what_was_signed_is_what_is_read(said: QrPass) -> None:
    assert verify(sign(said, KEY), PUBLIC, said.school, said.expires - timedelta(seconds=1)) == said
    assert verify(sign(said, KEY), PUBLIC, said.school, said.expires) is Refusal.EXPIRED


@settings(max_examples=300)
@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_refused_with_a_reason(content: bytes, prefixed: bool) -> None:
    for read in (content.decode("latin-1"), content.decode("utf-8", "replace"), base45.encode(content)):
        answer = verify(PREFIX + read if prefixed else read, PUBLIC, SCHOOL, MORNING)
        assert isinstance(answer, Refusal)


@given(st.text(max_size=300))
def test_any_text_is_refused_with_a_reason(read: str) -> None:
    assert isinstance(verify(read, PUBLIC, SCHOOL, MORNING), Refusal)
    assert isinstance(verify(PREFIX + read, PUBLIC, SCHOOL, MORNING), Refusal)


@settings(max_examples=300)
@given(st.integers(0, 95), st.integers(1, 255))
def test_a_pass_with_one_byte_changed_opens_nothing(place: int, change: int) -> None:
    signed = bytearray(base45.decode(text().removeprefix(PREFIX)))
    signed[place] ^= change
    answer = verify(PREFIX + base45.encode(bytes(signed)), PUBLIC, SCHOOL, MORNING)
    assert answer in {Refusal.WRONG_SIGNATURE, Refusal.OTHER_SCHOOL, Refusal.DAMAGED}


@settings(max_examples=200)
@given(st.integers(0, 147), st.sampled_from("0A $:é\n\x00"))
def test_a_pass_with_one_letter_changed_opens_nothing(place: int, letter: str) -> None:
    whole = text()
    changed = whole[:place] + letter + whole[place + 1 :]
    if changed != whole:
        assert isinstance(verify(changed, PUBLIC, SCHOOL, MORNING), Refusal)


def test_an_expired_pass_copied_forward_opens_nothing() -> None:
    """The expiry of another, later pass is put under the signature of the expired one."""
    old = base45.decode(text(expires=MORNING).removeprefix(PREFIX))
    new = base45.decode(text(expires=ENDS).removeprefix(PREFIX))
    forged = PREFIX + base45.encode(old[:20] + new[20:24] + old[24:])
    assert verify(text(expires=MORNING), PUBLIC, SCHOOL, MORNING) is Refusal.EXPIRED
    assert verify(forged, PUBLIC, SCHOOL, MORNING) is Refusal.WRONG_SIGNATURE


@pytest.mark.parametrize(
    ("read", "refusal"),
    [
        ("", Refusal.NOT_A_PASS),
        ("https://school.example/timetable", Refusal.NOT_A_PASS),
        ("QQ", Refusal.NOT_A_PASS),
        ("QQ٢:", Refusal.NOT_A_PASS),
        ("QQ2:" + text()[4:], Refusal.OTHER_VERSION),
        (PREFIX, Refusal.DAMAGED),
        (text()[:-1], Refusal.DAMAGED),
        (text()[:-3], Refusal.WRONG_SIGNATURE),
        (text() + "000", Refusal.WRONG_SIGNATURE),
        (text() + " ", Refusal.DAMAGED),
        (text().lower(), Refusal.NOT_A_PASS),
        (text() * 3, Refusal.DAMAGED),
        (text(school=Slug("school-8")), Refusal.OTHER_SCHOOL),
    ],
)
def test_what_is_wrong_with_a_code_is_told(read: str, refusal: Refusal) -> None:
    answer = verify(read, PUBLIC, SCHOOL, MORNING)
    if refusal is Refusal.WRONG_SIGNATURE:  # cut or grown, it may as well be no slug any more
        assert answer in {refusal, Refusal.DAMAGED, Refusal.OTHER_SCHOOL}
    else:
        assert answer is refusal


def test_a_pass_signed_by_another_device_is_refused() -> None:
    stranger = Ed25519PrivateKey.generate()
    assert verify(sign(made(), stranger), PUBLIC, SCHOOL, MORNING) is Refusal.WRONG_SIGNATURE


def test_a_pass_ends_at_its_last_second() -> None:
    assert verify(text(), PUBLIC, SCHOOL, ENDS - timedelta(microseconds=1)) == made()
    assert verify(text(), PUBLIC, SCHOOL, ENDS) is Refusal.EXPIRED
    assert verify(text(), PUBLIC, SCHOOL, LATER) is Refusal.EXPIRED


@pytest.mark.parametrize(
    "changes",
    [
        {"issue": 0},
        {"issue": 2**32},
        {"expires": ENDS.replace(tzinfo=None)},
        {"expires": ENDS.replace(microsecond=1)},
        {"expires": datetime(2106, 3, 1, tzinfo=UTC)},
        {"expires": datetime(1969, 3, 1, tzinfo=UTC)},
    ],
)
def test_what_a_pass_cannot_say_is_never_signed(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"issue|expires"):
        made(1, **changes)


def test_a_pass_stays_short_enough_for_a_small_code() -> None:
    """154 letters fit QR version 6 at level M (ISO/IEC 18004, table 7); more would shrink the squares."""
    assert len(text()) == 148
    assert len(text(school=Slug("s" * 12))) <= 154
    assert set(text()) <= set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")


@given(st.binary(max_size=120))
def test_base45_comes_back(plain: bytes) -> None:
    assert base45.decode(base45.encode(plain)) == plain


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:a", max_size=30))
def test_base45_has_one_reading(read: str) -> None:
    try:
        plain = base45.decode(read)
    except ValueError:
        return
    assert base45.encode(plain) == read


@pytest.mark.parametrize(
    ("plain", "encoded"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"ietf!", "QED8WEX0")],
)
def test_base45_is_that_of_the_standard(plain: bytes, encoded: str) -> None:
    """The examples of RFC 9285, section 4."""
    assert base45.encode(plain) == encoded
    assert base45.decode(encoded) == plain
