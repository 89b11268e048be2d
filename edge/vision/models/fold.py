"""Folds the block-quantised weights of OpenCV Zoo's SFace into float32.

As shipped, the graph dequantises its weights in nodes of its own and lists all of them as inputs, which
OpenCV 5 and onnxruntime refuse. Folded, it holds plain weights and its only input is `data`:
(1, 3, 112, 112) float32, RGB, 0 to 255. Output `fc1`: (1, 128) float32.
"""

import numpy as np
import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import numpy_helper

from edge.errors import ModelError

_PICTURE_INPUT = "data"
_REMEDY = "Fetch the model again: qaqpa-gate models install"

Array = NDArray[np.generic]


def fold_block_weights(data: bytes) -> bytes:
    """Convert the shipped file; the same bytes in give the same bytes out. Raises ModelError."""
    try:
        model = onnx.load_from_string(data)
        _fold(model.graph)
        onnx.checker.check_model(model)
    except (DecodeError, KeyError, ValueError, onnx.checker.ValidationError) as error:
        raise ModelError("not the SFace graph that was expected", _REMEDY) from error
    return bytes(model.SerializeToString(deterministic=True))


def _fold(graph: onnx.GraphProto) -> None:
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    kept = []
    for node in graph.node:
        if node.op_type == "DequantizeLinear":
            weights[node.output[0]] = _dequantised(node, weights)
        elif node.op_type == "Reshape" and node.input[0] in weights:
            shape = [int(extent) for extent in weights[node.input[1]]]
            weights[node.output[0]] = weights[node.input[0]].reshape(shape)
        else:
            kept.append(node)
    used = {name for node in kept for name in node.input}
    tensors = [numpy_helper.from_array(weights[name], name) for name in sorted(used & weights.keys())]
    inputs = [value for value in graph.input if value.name == _PICTURE_INPUT]
    for field, values in ((graph.node, kept), (graph.initializer, tensors), (graph.input, inputs)):
        del field[:]
        field.extend(values)
    del graph.value_info[:]


def _dequantised(node: onnx.NodeProto, weights: dict[str, Array]) -> Array:
    """(quantised - zero point) * scale, one scale a block of an axis (DequantizeLinear, opset 21)."""
    quantised, scales, zeros = (weights[name] for name in node.input)
    settings = {attribute.name: attribute.i for attribute in node.attribute}
    axis, block = settings["axis"], settings["block_size"]
    steps = quantised.astype(np.int32) - np.repeat(zeros.astype(np.int32), block, axis)
    folded: Array = steps.astype(np.float32) * np.repeat(scales, block, axis)
    return folded
