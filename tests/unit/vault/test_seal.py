"""Sealed records open only with the same key and for the same purpose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import Tampered, WrongKey
from edge.vault.seal import key_check, new_key, seal, unseal, verify_key


@given(st.binary(max_size=600), st.binary(max_size=80))
def test_what_was_sealed_comes_back(plain: bytes, about: bytes) -> None:
    key = new_key()
    assert unseal(key, seal(key, plain, about), about) == plain


@given(st.binary(min_size=1, max_size=200), st.data())
def test_any_flipped_bit_is_noticed(plain: bytes, data: st.DataObject) -> None:
    key = new_key()
    sealed = bytearray(seal(key, plain, b"row 1"))
    bit = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Tampered):
        unseal(key, bytes(sealed), b"row 1")


def test_a_record_does_not_open_in_another_row() -> None:
    key = new_key()
    with pytest.raises(Tampered):
        unseal(key, seal(key, b"template", b"child 1"), b"child 2")


@given(st.binary(max_size=64))
def test_garbage_is_tampering_not_a_crash(garbage: bytes) -> None:
    with pytest.raises(Tampered):
        unseal(new_key(), garbage, b"")


def test_the_same_text_never_seals_to_the_same_bytes() -> None:
    key = new_key()
    assert seal(key, b"x", b"") != seal(key, b"x", b"")


def test_the_key_check_tells_a_wrong_key() -> None:
    key = new_key()
    verify_key(key, key_check(key))
    with pytest.raises(WrongKey):
        verify_key(new_key(), key_check(key))
