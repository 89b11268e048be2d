import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.dlib_file import read_dlib_resnet
from edge.vision.models.dlib_onnx import dlib_to_onnx
from tests.unit.models.installed import dlib_shipped_file

LOSS = bytes.fromhex("0101010d") + b"loss_metric_2" + bytes.fromhex("030ad7a3811c039a99998118")


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_never_crash(data: bytes) -> None:
    with pytest.raises(ModelError):
        read_dlib_resnet(data)


@given(
    data=st.lists(
        st.sampled_from([b"\x01\x01", b"\x01\x02", b"\x01\x03", b"\x88" + b"\xff" * 8]), max_size=200
    )
)
def test_a_plausible_beginning_is_refused_and_never_crashes(data: list[bytes]) -> None:
    with pytest.raises(ModelError):
        read_dlib_resnet(LOSS + b"".join(data))


@given(cut=st.floats(0, 1, exclude_max=True))
@settings(max_examples=20, deadline=None)
def test_a_truncated_file_is_refused(cut: float) -> None:
    shipped = dlib_shipped_file()
    with pytest.raises(ModelError, match="expected at byte"):
        read_dlib_resnet(shipped[: int(cut * len(shipped))])


def test_a_file_with_something_appended_is_refused() -> None:
    with pytest.raises(ModelError, match="length"):
        read_dlib_resnet(dlib_shipped_file() + b"\0")


def test_a_weight_that_is_no_number_is_refused() -> None:
    shipped = bytearray(dlib_shipped_file())
    shipped[1000:1004] = b"\xff\xff\xff\xff"
    with pytest.raises(ModelError, match="finite weights"):
        read_dlib_resnet(bytes(shipped))


def test_every_machine_converts_to_the_pinned_bytes() -> None:
    shipped = dlib_shipped_file()
    first = dlib_to_onnx(shipped)
    assert hashlib.sha256(first).hexdigest() == CATALOGUE[ModelName.DLIB].sha256
    assert dlib_to_onnx(shipped) == first
