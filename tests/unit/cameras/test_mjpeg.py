"""The splitter meets whatever a cable, a pipe or a dying camera makes of its pictures."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.cameras.mjpeg import MjpegSplitter
from tests.unit.cameras.drawn import draw, jpeg

LARGEST = 8_000
noise = np.random.default_rng(7).integers(0, 255, (48, 64, 3), dtype=np.uint8)
PLAIN = jpeg(draw(3))
NOISY = jpeg(noise)
PROGRESSIVE = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
RESTARTS = cv2.imencode(".jpg", noise, [cv2.IMWRITE_JPEG_RST_INTERVAL, 1])[1].tobytes()
THUMBNAIL = b"\xff\xd8\xff\xe1" + (len(PLAIN) + 2).to_bytes(2) + PLAIN + NOISY[2:]
PICTURES = {
    "plain": PLAIN,
    "noisy": NOISY,
    "progressive": PROGRESSIVE,
    "restarts": RESTARTS,
    "thumbnail": THUMBNAIL,
}
HUGE = jpeg(np.random.default_rng(8).integers(0, 255, (200, 200, 3), dtype=np.uint8))

pieces = st.one_of(
    st.sampled_from([*PICTURES.values(), HUGE]),
    st.binary(max_size=40),
    st.sampled_from([b"\xff\xd8", b"\xff\xd9", b"\xff", b"\xff\xda\x00\x02", b"\xff\xe0\xff\xff", b"\x00"]),
    st.builds(lambda data, cut: data[:cut], st.sampled_from([NOISY, THUMBNAIL]), st.integers(0, 9000)),
)
streams = st.lists(pieces, max_size=8).map(b"".join)


def split(chunks: list[bytes]) -> tuple[list[bytes], MjpegSplitter]:
    splitter = MjpegSplitter(LARGEST)
    return [picture for chunk in chunks for picture in splitter.feed(chunk)], splitter


@pytest.mark.parametrize("picture", PICTURES.values(), ids=list(PICTURES))
def test_every_kind_of_jpeg_comes_out_whole(picture: bytes) -> None:
    assert len(picture) < LARGEST < len(HUGE)
    found, splitter = split([b"noise", picture, b"\x00\x00", picture])
    assert found == [picture, picture]
    assert (splitter.skipped, splitter.skipped_bytes) == (0, 7)


@pytest.mark.parametrize("picture", PICTURES.values(), ids=list(PICTURES))
def test_a_picture_may_arrive_byte_by_byte(picture: bytes) -> None:
    found, _ = split([bytes((byte,)) for byte in picture * 2])
    assert found == [picture, picture]


@pytest.mark.parametrize("cut", [2, 3, 20, 300, len(NOISY) // 2, len(NOISY) - 1])
def test_half_a_picture_costs_only_itself(cut: int) -> None:
    found, splitter = split([NOISY[:cut], PLAIN, NOISY])
    assert found == [PLAIN, NOISY]
    assert splitter.skipped >= 1


def test_a_picture_larger_than_allowed_is_skipped_and_the_next_one_found() -> None:
    found, splitter = split([HUGE[start : start + 100] for start in range(0, len(HUGE), 100)] + [PLAIN])
    assert found == [PLAIN]
    assert splitter.skipped >= 1


def test_the_largest_allowed_picture_is_allowed() -> None:
    assert MjpegSplitter(len(NOISY)).feed(NOISY) == [NOISY]
    assert MjpegSplitter(len(NOISY) - 1).feed(NOISY) == []


@settings(deadline=None)
@given(streams, st.data())
def test_the_chunks_of_a_pipe_change_nothing(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=20)))
    chunks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    at_once, first = split([stream])
    in_chunks, second = split(chunks)
    assert in_chunks == at_once
    assert (second.skipped, second.skipped_bytes) == (first.skipped, first.skipped_bytes)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=20))
def test_arbitrary_bytes_never_raise_and_what_comes_out_looks_like_a_picture(chunks: list[bytes]) -> None:
    found, splitter = split(chunks)
    assert all(picture.startswith(b"\xff\xd8") and picture.endswith(b"\xff\xd9") for picture in found)
    kept = sum(map(len, chunks)) - sum(map(len, found)) - splitter.skipped_bytes
    assert kept >= 0, "every byte is in a picture, skipped, or still held"


@settings(deadline=None)
@given(streams, st.integers(1, 700))
def test_memory_stays_bounded_whatever_a_broken_camera_sends(stream: bytes, size: int) -> None:
    splitter = MjpegSplitter(LARGEST)
    fed = out = 0
    for start in range(0, len(stream), size):
        chunk = stream[start : start + size]
        fed += len(chunk)
        out += sum(map(len, splitter.feed(chunk)))
        assert fed - out - splitter.skipped_bytes <= LARGEST
