"""Writes dlib's face ResNet as an ONNX graph: the same arithmetic, run in parallel and without the GIL.

Input `image`: (n, 3, 150, 150) float32, RGB, 0 to 255. Output `descriptor`: (n, 128) float32.
"""

import numpy as np
import onnx

from edge.vision.models.dlib_file import (
    BLOCKS,
    CHIP_SIDE,
    DESCRIPTOR_LENGTH,
    BlockShape,
    Convolution,
    DlibResNet,
    read_dlib_resnet,
)
from edge.vision.models.graph_writer import GraphWriter

_INPUT_SCALE = np.float32(1 / 256)  # dlib's input layer: (pixel - mean) / 256


def dlib_to_onnx(data: bytes) -> bytes:
    """Convert the .dat file; the same bytes in give the same bytes out. Raises ModelError."""
    return bytes(_Graph().build(read_dlib_resnet(data)).SerializeToString(deterministic=True))


class _Graph(GraphWriter):
    """Stem, residual blocks, pooling and projection."""

    def build(self, network: DlibResNet) -> onnx.ModelProto:
        mean = np.asarray(network.mean, np.float32).reshape(1, 3, 1, 1)
        value = self._node("Sub", "image", self._weight(mean))
        value = self._node("Mul", value, self._weight(np.asarray(_INPUT_SCALE)))
        value = self._node("Relu", self._convolution(value, network.stem))
        value = self._node("MaxPool", value, kernel_shape=[3, 3], strides=[2, 2])
        side = _pooled(_pooled(CHIP_SIDE, 7), 3)
        channels = network.stem.weights.shape[0]
        for shape, convolutions in zip(BLOCKS, network.blocks, strict=True):
            value, side = self._block(value, shape, convolutions, channels, side)
            channels = shape.filters
        value = self._node("Flatten", self._node("GlobalAveragePool", value))
        self._add("Gemm", [value, self._weight(network.projection)], "descriptor")
        return self._model("dlib_face_resnet", CHIP_SIDE, "descriptor", DESCRIPTOR_LENGTH)

    def _block(
        self,
        value: str,
        shape: BlockShape,
        convolutions: tuple[Convolution, Convolution],
        channels: int,
        side: int,
    ) -> tuple[str, int]:
        first, second = convolutions
        main = self._convolution(self._node("Relu", self._convolution(value, first)), second)
        if not shape.halves:
            return self._node("Relu", self._node("Add", main, value)), side
        pooled = self._node("AveragePool", value, kernel_shape=[2, 2], strides=[2, 2])
        main_side, pooled_side = _pooled(side, 3), _pooled(side, 2)
        # dlib adds tensors of unequal extents as if the smaller one went on with zeros.
        wanted = max(main_side, pooled_side)
        main = self._extend(main, 0, wanted - main_side)
        pooled = self._extend(pooled, shape.filters - channels, wanted - pooled_side)
        return self._node("Relu", self._node("Add", main, pooled)), wanted

    def _convolution(self, value: str, layer: Convolution) -> str:
        weights = layer.weights * layer.gamma.reshape(-1, 1, 1, 1)
        bias = layer.bias * layer.gamma + layer.beta
        return self._node(
            "Conv",
            value,
            self._weight(weights),
            self._weight(bias),
            kernel_shape=list(layer.weights.shape[2:]),
            pads=[layer.padding] * 4,
            strides=[layer.stride] * 2,
        )

    def _extend(self, value: str, channels: int, side: int) -> str:
        if channels == 0 and side == 0:
            return value
        pads = np.asarray([0, 0, 0, 0, 0, channels, side, side], np.int64)
        return self._node("Pad", value, self._weight(pads))


def _pooled(side: int, window: int) -> int:
    """Extent after a window that moves by two without padding."""
    return (side - window) // 2 + 1
