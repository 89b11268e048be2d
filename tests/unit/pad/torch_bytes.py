"""Writes state dictionaries as torch does, in both layouts, instruction by instruction."""

import io
import struct
import zipfile
from collections.abc import Mapping

import numpy as np

from edge.vision.models.torch_file import Array

_DICT = b"ccollections\nOrderedDict\n)R"
_HEADER = (b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", b"\x80\x02M\xe9\x03.")
_MACHINE = b"\x80\x02}(X\x0d\x00\x00\x00little_endian\x88u."


def text(value: str) -> bytes:
    raw = value.encode()
    return b"X" + struct.pack("<I", len(raw)) + raw


def number(value: int) -> bytes:
    return b"J" + struct.pack("<i", value)


def numbers(values: tuple[int, ...]) -> bytes:
    return b"(" + b"".join(number(value) for value in values) + b"t"


def tensor(
    key: str, values: Array, *, offset: int = 0, strides: tuple[int, ...] | None = None, legacy: bool = False
) -> bytes:
    kind = {"f": b"FloatStorage", "i": b"LongStorage"}[values.dtype.kind]
    rows = tuple(stride // values.itemsize for stride in values.strides) if strides is None else strides
    where = b"(" + text("storage") + b"ctorch\n" + kind + b"\n" + text(key) + text("cpu")
    where += number(values.size) + (b"N" if legacy else b"") + b"tQ"
    fields = where + number(offset) + numbers(values.shape) + numbers(rows) + b"\x89" + _DICT
    return b"ctorch._utils\n_rebuild_tensor_v2\n(" + fields + b"tR"


def dictionary(items: Mapping[str, bytes]) -> bytes:
    body = b"".join(text(name) + item for name, item in items.items())
    return b"\x80\x02" + _DICT + b"(" + body + b"u."


def zipped(pickle: bytes, storages: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model/data.pkl", pickle)
        for key, data in storages.items():
            archive.writestr(f"model/data/{key}", data)
    return buffer.getvalue()


def as_zip(tensors: Mapping[str, Array]) -> bytes:
    keys = {name: str(index) for index, name in enumerate(tensors)}
    pickle = dictionary({name: tensor(keys[name], values) for name, values in tensors.items()})
    return zipped(pickle, {keys[name]: values.tobytes() for name, values in tensors.items()})


def as_legacy(tensors: Mapping[str, Array]) -> bytes:
    keys = {name: str(index) for index, name in enumerate(tensors)}
    pickle = dictionary({name: tensor(keys[name], values, legacy=True) for name, values in tensors.items()})
    listed = b"\x80\x02](" + b"".join(text(key) for key in keys.values()) + b"e."
    storages = b"".join(struct.pack("<q", values.size) + values.tobytes() for values in tensors.values())
    return b"".join((*_HEADER, _MACHINE, pickle, listed, storages))


def example() -> dict[str, Array]:
    chance = np.random.default_rng(5)
    return {
        "one": chance.normal(size=(4, 3, 2)).astype(np.float32),
        "two": np.asarray([7, -8], np.int64),
        "three": np.asarray(9, np.int64),
    }
