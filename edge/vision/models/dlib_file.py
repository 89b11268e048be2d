"""Reads the file of dlib's 29-layer face ResNet into arrays, and no other network.

Byte layout: dlib's `serialize` functions (dlib/serialize.h, dnn/core.h, dnn/layers.h, Boost licence). An
integer is a control byte (sign in bit 7, length in the low four bits) and that many little-endian bytes; a
real is two integers, mantissa and exponent of two; a tensor is its version, four extents and raw float32.
A network writes the version of every layer from the last to the first, then the layers from first to last.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError

Floats = NDArray[np.float32]

CHIP_SIDE = 150
DESCRIPTOR_LENGTH = 128
STEM_FILTERS = 32
POOL_STEM, POOL_HALF, POOL_ALL = (3, 3, 2, 2, 0, 0), (2, 2, 2, 2, 0, 0), (0, 0, 1, 1, 0, 0)
_TENSOR_VERSION, _ALIAS_VERSION = 2, 1
_LOSS_VERSION, _LAYER_VERSION, _FIRST_LAYER_VERSION, _TAG_VERSION = 1, 2, 3, 1
_LONGEST_INTEGER, _LONGEST_NAME, _LARGEST_EXPONENT = 8, 64, 900


@dataclass(frozen=True, slots=True)
class BlockShape:
    """One residual block: two 3x3 convolutions of `filters`; `halves` the picture or keeps its size."""

    filters: int
    halves: bool


BLOCKS = tuple(
    BlockShape(filters, halves)
    for filters, halves in (
        *((32, False),) * 3,
        *((64, True), (64, False), (64, False), (64, False)),
        *((128, True), (128, False), (128, False)),
        *((256, True), (256, False), (256, False)),
        (256, True),
    )
)


@dataclass(frozen=True, slots=True)
class Convolution:
    """A convolution and the affine layer after it: y = gamma * (weights * x + bias) + beta."""

    weights: Floats
    bias: Floats
    gamma: Floats
    beta: Floats
    stride: int
    padding: int


@dataclass(frozen=True, slots=True)
class DlibResNet:
    """The network as arrays: mean RGB of the input, two convolutions a block, (256, 128) projection."""

    mean: tuple[float, float, float]
    stem: Convolution
    blocks: tuple[tuple[Convolution, Convolution], ...]
    projection: Floats


def read_dlib_resnet(data: bytes) -> DlibResNet:
    """Parse the whole file. Raises ModelError for anything that is not exactly this network."""
    return _Reader(data).network()


def _layer_versions() -> Iterator[int]:
    """Versions from the last layer to the first, as the nested network writes them."""
    yield from (_LAYER_VERSION,) * 2  # projection, pool over everything
    for block in reversed(BLOCKS):
        yield from (_LAYER_VERSION,) * 2  # relu, addition
        if block.halves:
            yield from (_LAYER_VERSION, _TAG_VERSION, _TAG_VERSION)  # pool, skip, tag
        yield from (_LAYER_VERSION,) * 5  # affine, convolution, relu, affine, convolution
        yield _TAG_VERSION
    yield from (_LAYER_VERSION,) * 3  # pool, relu, affine
    yield _FIRST_LAYER_VERSION


class _Reader:
    """A cursor over the bytes that knows what must come next."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def network(self) -> DlibResNet:
        self._loss()
        for version in _layer_versions():
            self._expect("layer version", self._integer(), version)
        mean = self._input()
        stem = self._stem()
        blocks = []
        inputs = STEM_FILTERS
        for shape in BLOCKS:
            blocks.append(self._block(shape, inputs))
            inputs = shape.filters
        self._pool("avg_pool_2", POOL_ALL)
        projection = self._projection(inputs)
        self._expect("length", len(self._data), self._at)
        return DlibResNet(mean, stem, tuple(blocks), projection)

    def _loss(self) -> None:
        self._expect("loss version", self._integer(), _LOSS_VERSION)
        self._name("loss_metric_2")
        self._real()  # margin and distance threshold steer training only
        self._real()

    def _input(self) -> tuple[float, float, float]:
        self._name("input_rgb_image_sized")
        mean = (self._real(), self._real(), self._real())
        self._expect("chip size", (self._integer(), self._integer()), (CHIP_SIDE, CHIP_SIDE))
        return mean

    def _stem(self) -> Convolution:
        stem = self._convolution(STEM_FILTERS, 3, 7, 2, 0, first=True)
        self._plain("relu_")
        self._pool("max_pool_2", POOL_STEM)
        return stem

    def _block(self, shape: BlockShape, inputs: int) -> tuple[Convolution, Convolution]:
        stride, padding = (2, 0) if shape.halves else (1, 1)
        first = self._convolution(shape.filters, inputs, 3, stride, padding)
        self._plain("relu_")
        second = self._convolution(shape.filters, shape.filters, 3, 1, 1)
        if shape.halves:
            self._pool("avg_pool_2", POOL_HALF)
        self._plain("add_prev_")
        self._plain("relu_")
        return first, second

    def _convolution(
        self, filters: int, inputs: int, side: int, stride: int, padding: int, *, first: bool = False
    ) -> Convolution:
        shape = (filters, inputs, side, side)
        weights_count = filters * inputs * side * side
        self._name("con_4")
        values = self._tensor((weights_count + filters, 1, 1, 1))
        geometry = (filters, side, side, stride, stride, padding, padding)
        self._expect("geometry", tuple(self._integer() for _ in geometry), geometry)
        self._alias(shape)
        self._alias((1, filters, 1, 1))
        self._training_rates()
        self._layer_state()
        if first:
            self._expect("expansion", self._integer(), 1)
        gamma, beta = self._affine(filters)
        weights, bias = values[:weights_count].reshape(shape), values[weights_count:]
        return Convolution(weights, bias, gamma, beta, stride, padding)

    def _affine(self, filters: int) -> tuple[Floats, Floats]:
        self._name("affine_")
        values = self._tensor((2 * filters, 1, 1, 1))
        self._alias((1, filters, 1, 1))
        self._alias((1, filters, 1, 1))
        self._expect("affine mode", self._integer(), 0)
        self._layer_state()
        return values[:filters], values[filters:]

    def _projection(self, inputs: int) -> Floats:
        self._name("fc_2")
        self._expect("extents", (self._integer(), self._integer()), (DESCRIPTOR_LENGTH, inputs))
        values = self._tensor((inputs, DESCRIPTOR_LENGTH, 1, 1))
        self._alias((inputs, DESCRIPTOR_LENGTH, 1, 1))
        self._alias((0, 0, 0, 0))
        self._expect("bias mode", self._integer(), 1)
        self._training_rates()
        self._layer_state()
        return values.reshape(inputs, DESCRIPTOR_LENGTH)

    def _pool(self, name: str, geometry: tuple[int, ...]) -> None:
        self._name(name)
        self._expect("pool", tuple(self._integer() for _ in geometry), geometry)
        self._layer_state()

    def _plain(self, name: str) -> None:
        self._name(name)
        self._layer_state()

    def _training_rates(self) -> None:
        for _ in range(4):
            self._real()

    def _layer_state(self) -> None:
        """Three flags and three tensors left from training, empty in a finished network."""
        for flag in self._take(3):
            if flag not in b"01":
                self._refuse("a flag")
        for _ in range(3):
            self._tensor((0, 0, 0, 0))

    def _alias(self, extents: tuple[int, ...]) -> None:
        self._expect("alias version", self._integer(), _ALIAS_VERSION)
        self._expect("alias", tuple(self._integer() for _ in extents), extents)

    def _tensor(self, extents: tuple[int, int, int, int]) -> Floats:
        self._expect("tensor version", self._integer(), _TENSOR_VERSION)
        self._expect("extents", tuple(self._integer() for _ in extents), extents)
        count = extents[0] * extents[1] * extents[2] * extents[3]
        values = np.frombuffer(self._take(4 * count), dtype="<f4").astype(np.float32)
        if not np.isfinite(values).all():
            self._refuse("finite weights")
        return values

    def _name(self, name: str) -> None:
        length = self._integer()
        if not 0 < length <= _LONGEST_NAME or self._take(length) != name.encode():
            self._refuse(f"the layer {name}")

    def _real(self) -> float:
        mantissa, exponent = self._integer(), self._integer()
        if abs(exponent) > _LARGEST_EXPONENT:  # dlib writes infinities and NaN so; a network holds none
            self._refuse("a finite number")
        return float(mantissa * 2.0**exponent)

    def _integer(self) -> int:
        control = self._take(1)[0]
        length = control & 0x0F
        if control & 0x70 or not 0 < length <= _LONGEST_INTEGER:
            self._refuse("an integer")
        value = int.from_bytes(self._take(length), "little")
        return -value if control & 0x80 else value

    def _take(self, count: int) -> bytes:
        taken = self._data[self._at : self._at + count]
        if len(taken) < count:
            self._refuse(f"{count} more bytes")
        self._at += count
        return taken

    def _expect(self, what: str, found: object, wanted: object) -> None:
        if found != wanted:
            self._refuse(f"{what} {wanted}")

    def _refuse(self, wanted: str) -> NoReturn:
        raise ModelError(
            f"not dlib's face network: {wanted} expected at byte {self._at}",
            "Fetch the model again: qaqpa-gate models install",
        )
