import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ModelError
from edge.vision.models.torch_file import Array, read_torch_file
from tests.unit.pad.torch_bytes import as_legacy, as_zip, dictionary, example, tensor, text, zipped

LAYOUTS = [as_zip, as_legacy]
ONE = np.asarray([1, 2, 3, 4, 5, 6], np.float32)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_weights_arrive_as_they_were_saved(layout: Callable[[dict[str, Array]], bytes]) -> None:
    read = read_torch_file(layout(example()))
    assert list(read) == list(example())
    for name, values in example().items():
        assert read[name].dtype == values.dtype
        np.testing.assert_array_equal(read[name], values)


@pytest.mark.parametrize(
    "program",
    [
        b"\x80\x02cposix\nsystem\n(" + text("touch {}") + b"tR.",
        b"(" + text("touch {}") + b"iposix\nsystem\n.",
        b"\x80\x04" + text("posix") + text("system") + b"\x93(" + text("touch {}") + b"tR.",
        b"\x80\x02cbuiltins\nexec\n(" + text("open('{}', 'w')") + b"tR.",
    ],
)
def test_a_program_hidden_in_a_weight_file_is_refused_and_never_runs(program: bytes, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    armed = program.replace(text("touch {}"), text(f"touch {trace}"))
    armed = armed.replace(text("open('{}', 'w')"), text(f"open('{trace}', 'w')"))
    with pytest.raises(ModelError, match="wants to"):
        read_torch_file(zipped(armed, {}))
    assert not trace.exists()


@pytest.mark.parametrize(
    ("item", "storage"),
    [
        (tensor("0", ONE, offset=1), ONE.tobytes()),
        (tensor("0", ONE, offset=-1), ONE.tobytes()),
        (tensor("0", ONE), ONE.tobytes()[:-4]),
        (tensor("0", ONE), ONE.tobytes() + bytes(8)),
        (tensor("0", ONE, strides=(2,)), ONE.tobytes()),
        (tensor("0", ONE), np.full(6, np.nan, np.float32).tobytes()),
        (text("no tensor"), ONE.tobytes()),
        (tensor("0", ONE).replace(b"FloatStorage", b"HalfStorage"), ONE.tobytes()),
    ],
)
def test_a_tensor_that_cannot_be_trusted_stops_the_conversion(item: bytes, storage: bytes) -> None:
    with pytest.raises(ModelError):
        read_torch_file(zipped(dictionary({"one": item}), {"0": storage}))


def test_what_follows_the_last_storage_is_noticed() -> None:
    with pytest.raises(ModelError, match="follows"):
        read_torch_file(as_legacy(example()) + b"x")


def test_a_storage_longer_than_announced_is_noticed() -> None:
    whole = as_legacy({"one": ONE})
    with pytest.raises(ModelError, match="another size"):
        read_torch_file(whole.replace(struct.pack("<q", 6), struct.pack("<q", 5)))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_download_cut_short_anywhere_is_refused(layout: Callable[[dict[str, Array]], bytes]) -> None:
    whole = layout(example())
    for length in range(len(whole)):
        with pytest.raises(ModelError):
            read_torch_file(whole[:length])


@given(st.data())
def test_a_damaged_file_never_raises_anything_but_a_model_error(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from(LAYOUTS))
    whole = bytearray(layout(example()))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with suppress(ModelError):
        read_torch_file(bytes(whole))


def test_one_changed_byte_anywhere_in_an_archive_never_raises_anything_but_a_model_error() -> None:
    """Walks every place: a length that lies makes the archive end too early, which chance seldom finds."""
    whole = as_zip(example())
    for place in range(len(whole)):
        for value in (0x00, 0x1D, 0xFF):
            damaged = bytearray(whole)
            damaged[place] = value
            with suppress(ModelError):
                read_torch_file(bytes(damaged))
