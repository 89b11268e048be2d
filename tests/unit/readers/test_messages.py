"""What comes over a wire in pieces becomes whole messages and nothing else."""

import struct
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.contract.keyboards import CODES, events, keystrokes
from turnstile.readers.keys import EVENT, KP_ENTER, SYN_DROPPED, Keys
from turnstile.readers.lines import PAUSE_SECONDS, Lines
from turnstile.readers.text import LONGEST_MESSAGE

LATER = 2 * PAUSE_SECONDS


def fed(parser: Lines | Keys, pieces: Sequence[bytes], gap: float = 0.01) -> list[bytes]:
    return [message for place, piece in enumerate(pieces) for message in parser.feed(piece, place * gap)]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\x03", b"\r\n\x03"])
def test_every_usual_line_end_ends_a_message(end: bytes) -> None:
    assert fed(Lines(), [b"123" + end, b"456" + end]) == [b"123", b"456"]


def test_a_reader_that_frames_with_stx_and_etx_is_read() -> None:
    lines = Lines()
    assert fed(lines, [b"\x020500BC614E96\x03\x020500BC614E96\r\n\x03"]) == [b"0500BC614E96"] * 2
    assert lines.cut == 0


def test_noise_before_stx_is_not_part_of_the_message() -> None:
    lines = Lines()
    assert fed(lines, [b"\xff\x7f12\x02345\r"]) == [b"345"]
    assert lines.cut == 1


def test_a_pause_within_a_message_drops_what_came_before_it() -> None:
    lines = Lines()
    assert lines.feed(b"0012", 0.0) == []
    assert lines.feed(b"0012345678\r", LATER) == [b"0012345678"]
    assert lines.cut == 1


def test_an_endless_message_is_counted_once_and_never_kept() -> None:
    lines = Lines()
    for place in range(1000):
        assert lines.feed(b"1" * 100, place * 0.001) == []
    assert lines.feed(b"\r\n12\r", 1.0) == [b"12"]
    assert lines.cut == 1
    assert len(lines._pending) <= LONGEST_MESSAGE


@given(st.lists(st.binary(max_size=50), max_size=20))
def test_lines_do_not_depend_on_how_the_bytes_were_cut(pieces: list[bytes]) -> None:
    assert fed(Lines(), pieces) == Lines().feed(b"".join(pieces), 0.0)


def test_typing_gives_the_number() -> None:
    assert fed(Keys(), [keystrokes("0012345678"), keystrokes("ABC9")]) == [b"0012345678", b"ABC9"]


def test_shift_repeats_and_releases_write_nothing() -> None:
    shift = 42
    held = EVENT.pack(0, 0, 1, CODES["7"], 2) * 5
    data = events(shift) + keystrokes("A7", enter=False) + held + keystrokes("")
    assert fed(Keys(), [data]) == [b"A7"]


def test_the_number_pad_writes_digits() -> None:
    pad = [82, 79, 80, 81, 75, 76, 77, 71, 72, 73]
    assert fed(Keys(), [b"".join(map(events, pad)) + events(KP_ENTER)]) == [b"0123456789"]


def test_a_key_that_no_number_has_spoils_the_message() -> None:
    minus = 12
    assert fed(Keys(), [events(minus) + keystrokes("12")]) == [b"?12"]


def test_enter_alone_is_no_message() -> None:
    assert fed(Keys(), [keystrokes("")]) == []


def test_keys_that_the_kernel_lost_spoil_the_message_they_were_in() -> None:
    """Else the rest of a number would be the number of another card."""
    keys = Keys()
    dropped = EVENT.pack(0, 0, 0, SYN_DROPPED, 0)
    data = keystrokes("0012", enter=False) + dropped + keystrokes("345678") + keystrokes("99")
    assert fed(keys, [data]) == [b"99"]
    assert keys.cut == 1


def test_keys_after_a_pause_begin_a_new_message() -> None:
    keys = Keys()
    keys.feed(keystrokes("0012", enter=False), 0.0)
    assert keys.feed(keystrokes("0012345678"), LATER) == [b"0012345678"]
    assert keys.cut == 1


@given(st.lists(st.binary(max_size=3 * EVENT.size), max_size=30))
def test_keys_do_not_depend_on_how_the_bytes_were_cut(pieces: list[bytes]) -> None:
    assert fed(Keys(), pieces, gap=0.0) == Keys().feed(b"".join(pieces), 0.0)


def test_endless_typing_is_never_kept() -> None:
    keys = Keys()
    for place in range(200):
        assert keys.feed(keystrokes("1" * 20, enter=False), place * 0.001) == []
    assert len(keys._pending) <= LONGEST_MESSAGE
    assert keys.feed(keystrokes("") + keystrokes("12"), 0.3) == [b"12"]
    assert keys.cut == 1


def test_an_event_is_the_size_the_kernel_says() -> None:
    assert struct.calcsize("@LLHHi") == EVENT.size == 2 * struct.calcsize("@L") + 8
