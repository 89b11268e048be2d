"""Writes MiniFASNet V2 or V1SE as an ONNX graph: batch normalisation folded, softmax added.

The architecture follows from the names and shapes in the state dictionary: a convolution that halves, a
depthwise one, then three times a block that halves and a row of residual blocks; a block widens (1x1),
looks (3x3, depthwise) and narrows again (1x1), the last of a row in V1SE weighs its channels (Hu and others
2018, squeeze and excitation). 80 pixels halved four times leave 5, which a 5x5 depthwise kernel reads.

Input `image`: (n, 3, 80, 80) float32, BGR, 0 to 255. Output `probability`: (n, 3) float32; class 1 is live.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
import onnx
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.models.graph_writer import GraphWriter
from edge.vision.models.torch_file import Array, read_torch_file

SIDE, CLASSES = 80, 3
_EPSILON = 1e-5  # torch's default for batch normalisation, which the file does not carry
_PREFIX, _COUNTER = "module.", "num_batches_tracked"
_ROWS = (("conv_23", "conv_3", 4), ("conv_34", "conv_4", 6), ("conv_45", "conv_5", 2))

Floats = NDArray[np.float32]


def minifasnet_to_onnx(data: bytes) -> bytes:
    """Convert the .pth file; the same bytes in give the same bytes out. Raises ModelError."""
    tensors = {name: values for name, values in read_torch_file(data).items() if not name.endswith(_COUNTER)}
    return bytes(_Graph(tensors).build().SerializeToString(deterministic=True))


@dataclass(frozen=True, slots=True)
class _Geometry:
    """How a convolution moves; `padded`: the edges are filled so that they do not shrink the picture."""

    stride: int = 1
    depthwise: bool = False
    padded: bool = True


_POINTWISE = _Geometry()


class _Graph(GraphWriter):
    """Every tensor of the file is used once."""

    def __init__(self, tensors: Mapping[str, Array]) -> None:
        super().__init__()
        self._tensors = dict(tensors)

    def build(self) -> onnx.ModelProto:
        value, channels = self._unit("image", "conv1", 3, _Geometry(stride=2))
        value, channels = self._unit(value, "conv2_dw", channels, _Geometry(depthwise=True))
        for halving, row, length in _ROWS:
            value, channels = self._block(value, halving, channels, stride=2)
            for index in range(length):
                value = self._residual(value, f"{row}.model.{index}", channels)
        value, channels = self._unit(value, "conv_6_sep", channels, _POINTWISE)
        value, channels = self._unit(
            value, "conv_6_dw", channels, _Geometry(depthwise=True, padded=False), linear=True
        )
        logits = self._head(self._node("Flatten", value), channels)
        self._add("Softmax", [logits], "probability", axis=1)
        if self._tensors:
            _refuse(f"{min(self._tensors)} has no place in it")
        return self._model("minifasnet", SIDE, "probability", CLASSES)

    def _residual(self, value: str, name: str, channels: int) -> str:
        main, width = self._block(value, name, channels)
        if width != channels:
            _refuse(f"{name} changes the number of channels")
        if f"{_PREFIX}{name}.se_module.fc1.weight" in self._tensors:
            main = self._excited(main, f"{name}.se_module", channels)
        return self._node("Add", value, main)

    def _block(self, value: str, name: str, channels: int, stride: int = 1) -> tuple[str, int]:
        value, channels = self._unit(value, f"{name}.conv", channels, _POINTWISE)
        value, channels = self._unit(value, f"{name}.conv_dw", channels, _Geometry(stride, depthwise=True))
        return self._unit(value, f"{name}.project", channels, _POINTWISE, linear=True)

    def _excited(self, value: str, name: str, channels: int) -> str:
        squeezed = self._node("GlobalAveragePool", value)
        narrow, width = self._convolution(squeezed, (f"{name}.fc1", f"{name}.bn1"), channels, _POINTWISE)
        wide, width = self._convolution(
            self._node("Relu", narrow), (f"{name}.fc2", f"{name}.bn2"), width, _POINTWISE
        )
        if width != channels:
            _refuse(f"{name} gives another number of channels")
        return self._node("Mul", value, self._node("Sigmoid", wide))

    def _unit(
        self, value: str, name: str, channels: int, geometry: _Geometry, *, linear: bool = False
    ) -> tuple[str, int]:
        """Convolution, normalisation and, unless `linear`, PReLU. Returns the value and its channels."""
        value, width = self._convolution(value, (f"{name}.conv", f"{name}.bn"), channels, geometry)
        if linear:
            return value, width
        slopes = self._take(f"{name}.prelu.weight", (width,)).reshape(width, 1, 1)
        return self._node("PRelu", value, self._constant(slopes)), width

    def _convolution(
        self, value: str, names: tuple[str, str], channels: int, geometry: _Geometry
    ) -> tuple[str, int]:
        """`names`: the convolution and its normalisation, which are folded into one node."""
        name, normalised = names
        depthwise = geometry.depthwise
        weights = self._take(f"{name}.weight")
        if weights.ndim != 4 or weights.shape[1] != (1 if depthwise else channels):
            _refuse(f"{name} has another shape")
        width, side = weights.shape[0], weights.shape[2]
        if depthwise and width != channels:
            _refuse(f"{name} has another number of channels")
        gain, shift = self._normalisation(normalised, width)
        # In the squeezes the convolution brings a bias of its own, which passes through the normalisation.
        bias = self._tensors.pop(f"{_PREFIX}{name}.bias", np.zeros(width, np.float32))
        padding = side // 2 if geometry.padded else 0
        folded = self._node(
            "Conv",
            value,
            self._constant(weights * gain.reshape(-1, 1, 1, 1)),
            self._constant(np.asarray(bias, np.float64) * gain + shift),
            kernel_shape=[side, side],
            pads=[padding] * 4,
            strides=[geometry.stride] * 2,
            group=channels if depthwise else 1,
        )
        return folded, width

    def _head(self, value: str, channels: int) -> str:
        weights = self._take("linear.weight")
        gain, shift = self._normalisation("bn", weights.shape[0])
        folded = self._constant((weights * gain.reshape(-1, 1)).T)
        value = self._node("Gemm", value, folded, self._constant(shift))
        return self._node("MatMul", value, self._constant(self._take("prob.weight", (CLASSES, len(gain))).T))

    def _normalisation(self, name: str, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Gain and shift, in double precision: y = gain * x + shift."""
        gamma, beta, mean, variance = (
            self._take(f"{name}.{part}", (width,)).astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        gain = gamma / np.sqrt(variance + _EPSILON)
        return gain, beta - mean * gain

    def _constant(self, values: NDArray[np.floating]) -> str:
        """Single precision and contiguous, whatever the folding made of it."""
        return self._weight(np.ascontiguousarray(values, np.float32))

    def _take(self, name: str, shape: tuple[int, ...] | None = None) -> Floats:
        values = self._tensors.pop(_PREFIX + name, None)
        if values is None or values.dtype != np.float32 or (shape is not None and values.shape != shape):
            _refuse(f"{name} is missing or has another shape")
        return values.astype(np.float32)


def _refuse(problem: str) -> NoReturn:
    raise ModelError(f"not a MiniFASNet: {problem}", "Fetch the file again from its makers")
