"""What both converters need to write an ONNX graph: numbered nodes and weights, in the order of their use."""

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_IR_VERSION, _OPSET = 8, 13


class GraphWriter:
    """One input `image`, (n, 3, side, side) float32. Names are numbers: equal input gives equal bytes."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def _node(self, kind: str, *inputs: str, **attributes: int | list[int]) -> str:
        """Add a node; returns the name of its value."""
        return self._add(kind, list(inputs), f"value_{len(self._nodes)}", **attributes)

    def _add(self, kind: str, inputs: list[str], output: str, **attributes: int | list[int]) -> str:
        """Add a node whose value has this name."""
        node = helper.make_node(kind, inputs, [output])
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self._nodes.append(node)
        return output

    def _weight(self, values: NDArray[np.float32] | NDArray[np.int64]) -> str:
        """Add a constant; returns its name."""
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(values, name))
        return name

    def _model(self, name: str, side: int, output: str, length: int) -> onnx.ModelProto:
        """The checked graph; its value `output` is (n, length) float32."""
        image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["n", 3, side, side])
        result = helper.make_tensor_value_info(output, TensorProto.FLOAT, ["n", length])
        graph = helper.make_graph(self._nodes, name, [image], [result], initializer=self._weights)
        model = helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
        )
        onnx.checker.check_model(model)
        return model
