"""An embedder's network in other precisions and for other runtimes: what an installation could make of it."""

import logging
import tempfile
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path

import numpy as np
import onnx
import onnxruntime  # type: ignore[import-untyped]
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.transformers.float16 import (  # type: ignore[import-untyped]
    convert_float_to_float16,
)

from edge.vision.embed import Batch


class Form(StrEnum):
    """What is stored. In all int8 forms but the first the depthwise convolutions stay in float32."""

    FLOAT32 = "float32"
    BLOCKS = "int8 blocks, as shipped"
    SPLIT = "float32, PReLU split"
    FLOAT16 = "float16"
    INT8_ALL = "int8 QDQ, everything"
    INT8 = "int8 QDQ"
    INT8_SIGNED = "int8 QDQ, signed"
    INT8_OPERATOR = "int8 QOperator"

    @property
    def exact(self) -> bool:
        """Whether all arithmetic is that of the stored network, in float32."""
        return self in (Form.FLOAT32, Form.BLOCKS, Form.SPLIT)


def made(form: Form, stored: bytes, crops: Sequence[Batch]) -> bytes:
    """The stored network in another form; activations of int8 are scaled to what they reach on `crops`."""
    if form is Form.FLOAT32:
        return stored
    plain = split_prelu(folded(stored))
    match form:
        case Form.SPLIT:
            model = plain
        case Form.FLOAT16:
            model = _in_order(convert_float_to_float16(plain, keep_io_types=True, op_block_list=[]))
        case Form.INT8_ALL:
            model = _int8(plain, crops, keep=[])
        case Form.INT8:
            model = _int8(plain, crops, keep=depthwise(plain))
        case Form.INT8_SIGNED:
            model = _int8(plain, crops, keep=depthwise(plain), signed=True)
        case Form.INT8_OPERATOR:
            model = _int8(plain, crops, keep=depthwise(plain), form=QuantFormat.QOperator)
        case Form.BLOCKS:
            raise ValueError("the file as shipped is not made from the stored one")
    return bytes(model.SerializeToString())


def only_input(shipped: bytes, name: str) -> bytes:
    """The block-quantised file with its weights no longer listed as inputs, which no runtime here takes."""
    model = onnx.load_from_string(shipped)
    inputs = [value for value in model.graph.input if value.name == name]
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return bytes(model.SerializeToString())


def _in_order(model: onnx.ModelProto) -> onnx.ModelProto:
    """The conversion puts the casts of the input last; OpenCV wants every value made before it is used."""
    first = {value.name for value in model.graph.input}
    nodes = sorted(model.graph.node, key=lambda node: not (node.op_type == "Cast" and node.input[0] in first))
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def folded(stored: bytes) -> onnx.ModelProto:
    """Normalisation folded into the convolutions, by onnxruntime itself; any number of pictures at a time."""
    model = onnx.load_from_string(stored)
    for value in (*model.graph.input, *model.graph.output):
        value.type.tensor_type.shape.dim[0].dim_param = "n"
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "folded.onnx"
        options.optimized_model_filepath = str(path)
        onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return onnx.load(path)


def split_prelu(model: onnx.ModelProto) -> onnx.ModelProto:
    """PReLU in steps that onnxruntime has fast code for: it takes more than half of SFace's time as it is."""
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    nodes = [
        step
        for node in model.graph.node
        for step in (_steps(node, weights[node.input[1]]) if node.op_type == "PRelu" else [node])
    ]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    return model


def _steps(node: onnx.NodeProto, slopes: NDArray[np.generic]) -> Iterator[onnx.NodeProto]:
    (value, slope), (result,) = node.input, node.output
    if np.all(slopes.astype(np.float64) <= 1):  # then the larger of x and slope * x is the right one
        yield helper.make_node("Mul", [value, slope], [f"{result}_scaled"])
        yield helper.make_node("Max", [value, f"{result}_scaled"], [result])
        return
    yield helper.make_node("Relu", [value], [f"{result}_above"])
    yield helper.make_node("Sub", [value, f"{result}_above"], [f"{result}_below"])
    yield helper.make_node("Mul", [f"{result}_below", slope], [f"{result}_scaled"])
    yield helper.make_node("Add", [f"{result}_above", f"{result}_scaled"], [result])


def depthwise(model: onnx.ModelProto) -> list[str]:
    """Names of the convolutions that look at each channel alone."""
    return [
        node.name
        for node in model.graph.node
        if node.op_type == "Conv" and any(one.name == "group" and one.i > 1 for one in node.attribute)
    ]


class _Crops:
    """As the calibration of onnxruntime asks for them: one after the other, then None."""

    def __init__(self, name: str, crops: Sequence[Batch]) -> None:
        self._rest = iter([{name: crop} for crop in crops])

    def get_next(self) -> dict[str, Batch] | None:
        return next(self._rest, None)


def _int8(
    model: onnx.ModelProto,
    crops: Sequence[Batch],
    *,
    keep: list[str],
    signed: bool = False,
    form: QuantFormat = QuantFormat.QDQ,
) -> onnx.ModelProto:
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder) / "before.onnx", Path(folder) / "after.onnx"
        onnx.save(model, before)
        logging.disable(logging.WARNING)  # it asks for the folding that was just done
        try:
            quantize_static(
                before,
                after,
                _Crops(model.graph.input[0].name, crops),
                quant_format=form,
                per_channel=True,
                activation_type=QuantType.QInt8 if signed else QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                op_types_to_quantize=["Conv", "Gemm"],
                nodes_to_exclude=keep,
                extra_options={"ActivationSymmetric": signed},
            )
        finally:
            logging.disable(logging.NOTSET)
        return onnx.load(after)
