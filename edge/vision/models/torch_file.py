"""Reads the tensors of a PyTorch state dictionary (.pth) without torch and without running what is in it.

Both layouts of `torch.save`: the zip archive since version 1.6, and before it a row of pickles (a magic
number, the protocol version, the machine's type sizes, the dictionary, the storage keys) followed by the
storages, each an element count of eight bytes and its raw elements. A pickle is a program; here it is
interpreted over a closed list of instructions (PEP 307 and pickletools) that can only build tuples, lists,
dictionaries and tensors. Anything else is refused.
"""

import io
import pickletools
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import PurePosixPath
from typing import NoReturn, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

Array = NDArray[np.generic]
T = TypeVar("T")

_MAGIC, _PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
_ORDERED_DICT, _TENSOR = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"
_TYPES = {"torch FloatStorage": "<f4", "torch LongStorage": "<i8"}


@dataclass(frozen=True, slots=True)
class _Storage:
    key: str
    kind: str
    count: int


@dataclass(frozen=True, slots=True)
class _View:
    """Where a tensor lies in its storage; row by row, without gaps."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Global:
    """The name of a function or class; never looked up."""

    name: str


class _Mark:
    """Where the items of a collection begin on the stack."""


def read_torch_file(data: bytes) -> dict[str, Array]:
    """The tensors by name: float32 and int64. Raises ModelError for anything else than a state dictionary."""
    try:
        stored = _zipped(data) if zipfile.is_zipfile(io.BytesIO(data)) else _legacy(data)
        return {name: _values(view, stored[1]) for name, view in stored[0].items()}
    except (
        ValueError,
        LookupError,
        TypeError,
        RuntimeError,
        EOFError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise _refusal(f"it is damaged ({type(error).__name__})") from error


def _zipped(data: bytes) -> tuple[dict[str, _View], dict[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        (pickle,) = [name for name in archive.namelist() if PurePosixPath(name).name == "data.pkl"]
        folder = PurePosixPath(pickle).parent
        views = _views(_Pickle(io.BytesIO(archive.read(pickle))).value())
        keys = sorted({view.storage.key for view in views.values()})
        return views, {key: archive.read(str(folder / "data" / key)) for key in keys}


def _legacy(data: bytes) -> tuple[dict[str, _View], dict[str, bytes]]:
    file = io.BytesIO(data)
    header = (_Pickle(file).value(), _Pickle(file).value())
    machine = _Pickle(file).value()
    if header != (_MAGIC, _PROTOCOL) or not isinstance(machine, dict) or not machine["little_endian"]:
        _refuse("its header is another one")
    views = _views(_Pickle(file).value())
    kinds = {view.storage.key: view.storage for view in views.values()}
    keys = _Pickle(file).value()
    if not isinstance(keys, list) or sorted(keys) != sorted(kinds):
        _refuse("its storages are not those of its tensors")
    contents = {}
    for key in keys:
        count = int.from_bytes(file.read(8), "little")
        if count != kinds[key].count:
            _refuse("a storage has another size than announced")
        contents[key] = file.read(count * np.dtype(_TYPES[kinds[key].kind]).itemsize)
    if file.read(1):
        _refuse("something follows the last storage")
    return views, contents


def _views(value: object) -> dict[str, _View]:
    if not isinstance(value, dict) or not all(
        isinstance(key, str) and isinstance(item, _View) for key, item in value.items()
    ):
        _refuse("it holds more than tensors by name")
    return value


def _values(view: _View, contents: dict[str, bytes]) -> Array:
    whole = np.frombuffer(contents[view.storage.key], _TYPES[view.storage.kind])
    count = prod(view.shape)
    if len(whole) != view.storage.count or not 0 <= view.offset <= len(whole) - count:
        _refuse("a tensor lies outside its storage")
    values = whole[view.offset : view.offset + count].reshape(view.shape)
    if not np.isfinite(values).all():
        _refuse("a weight is not a finite number")
    return values


class _Pickle:
    """One pickle, interpreted from where the file stands up to its STOP."""

    def __init__(self, file: io.BytesIO) -> None:
        self._file = file
        self._stack: list[object] = []
        self._memo: dict[int, object] = {}
        self._plain: dict[str, Callable[[], None]] = {
            "MARK": lambda: self._stack.append(_Mark()),
            "EMPTY_TUPLE": lambda: self._stack.append(()),
            "EMPTY_DICT": lambda: self._stack.append({}),
            "EMPTY_LIST": lambda: self._stack.append([]),
            "NONE": lambda: self._stack.append(None),
            "NEWTRUE": lambda: self._stack.append(True),
            "NEWFALSE": lambda: self._stack.append(False),
            "TUPLE": lambda: self._stack.append(tuple(self._since_mark())),
            "TUPLE1": lambda: self._tuple(1),
            "TUPLE2": lambda: self._tuple(2),
            "TUPLE3": lambda: self._tuple(3),
            "APPENDS": self._appends,
            "SETITEM": self._set_item,
            "SETITEMS": self._set_items,
            "BINPERSID": self._persistent,
            "REDUCE": self._reduce,
            # The state of an OrderedDict: torch keeps layer versions there, which nobody needs.
            "BUILD": self._drop_state,
        }

    def value(self) -> object:
        """Raises ModelError for an instruction that is not on the list, ValueError for a broken pickle."""
        for code, argument, _ in pickletools.genops(self._file):
            if code.name == "STOP":
                break
            if code.name in self._plain:
                self._plain[code.name]()
            else:
                self._with_argument(code.name, argument)
        (value,) = self._stack
        return value

    def _with_argument(self, name: str, argument: object) -> None:
        if name in ("PROTO", "FRAME"):
            return
        if name in ("BININT", "BININT1", "BININT2", "LONG1", "BINUNICODE", "SHORT_BINUNICODE"):
            self._stack.append(argument)
        elif name == "GLOBAL":
            self._stack.append(_Global(str(argument)))
        elif name in ("BINPUT", "LONG_BINPUT"):
            self._memo[_integer(argument)] = self._stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            self._stack.append(self._memo[_integer(argument)])
        else:
            _refuse(f"it wants to run the instruction {name}")

    def _since_mark(self) -> list[object]:
        items: list[object] = []
        while not isinstance(item := self._stack.pop(), _Mark):
            items.append(item)
        return items[::-1]

    def _tuple(self, length: int) -> None:
        items = self._stack[-length:]
        del self._stack[-length:]
        self._stack.append(tuple(items))

    def _appends(self) -> None:
        items = self._since_mark()
        _of(list, self._stack[-1]).extend(items)

    def _set_item(self) -> None:
        value, key = self._stack.pop(), self._stack.pop()
        _of(dict, self._stack[-1])[key] = value

    def _set_items(self) -> None:
        items = self._since_mark()
        _of(dict, self._stack[-1]).update(zip(items[::2], items[1::2], strict=True))

    def _drop_state(self) -> None:
        self._stack.pop()
        _of(dict, self._stack[-1])

    def _persistent(self) -> None:
        """('storage', its type, its key, the device it was on, its length, None in the older layout)."""
        fields = _of(tuple, self._stack.pop())
        word, kind, key, _, count = fields[:5]
        if word != "storage" or not isinstance(kind, _Global) or kind.name not in _TYPES or any(fields[5:]):
            _refuse("it holds a storage of another kind")
        self._stack.append(_Storage(_of(str, key), kind.name, _integer(count)))

    def _reduce(self) -> None:
        arguments, function = _of(tuple, self._stack.pop()), self._stack.pop()
        if function == _Global(_ORDERED_DICT) and arguments == ():
            self._stack.append({})
        elif function == _Global(_TENSOR):
            self._stack.append(_tensor(arguments))
        else:
            _refuse("it wants to call " + (function.name if isinstance(function, _Global) else "something"))


def _tensor(arguments: tuple[object, ...]) -> _View:
    """(storage, offset, shape, strides, whether it is trained, hooks)."""
    storage, offset, shape, strides = arguments[:4]
    extents = tuple(_integer(extent) for extent in _of(tuple, shape))
    if min(extents, default=0) < 0 or strides != _row_by_row(extents):
        _refuse("a tensor is not laid out row by row")
    return _View(_of(_Storage, storage), _integer(offset), extents)


def _row_by_row(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


def _of(kind: type[T], value: object) -> T:
    if not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} expected")
    return value


def _integer(value: object) -> int:
    return _of(int, value)


def _refusal(problem: str) -> ModelError:
    return ModelError(
        f"not a PyTorch state dictionary that can be used: {problem}", "Fetch the file again from its makers"
    )


def _refuse(problem: str) -> NoReturn:
    raise _refusal(problem)
