import hashlib

import cv2
import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from edge.errors import ModelError
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.fold import fold_block_weights
from tests.unit.models.installed import shipped_file
from tests.unit.vision.drawn import drawn_face

RANDOM = np.random.default_rng(7)


def block_quantised() -> bytes:
    """One convolution, quantised and laid out as OpenCV Zoo's block quantiser does, weights as inputs."""
    tensors = {
        "q": RANDOM.integers(-128, 128, (4, 27), np.int8),
        "s": RANDOM.uniform(0.001, 0.1, (4, 3)).astype(np.float32),
        "z": RANDOM.integers(-9, 9, (4, 3), np.int8),
        "shape": np.asarray([4, 3, 3, 3], np.int64),
        "bias": RANDOM.normal(size=4).astype(np.float32),
    }
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "s", "z"], ["d"], axis=1, block_size=9),
        helper.make_node("Reshape", ["d", "shape"], ["w"]),
        helper.make_node("Conv", ["data", "w", "bias"], ["fc1"]),
    ]
    inputs = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(values.dtype), values.shape)
        for name, values in tensors.items()
    ]
    data = helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 6, 6])
    output = helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [1, 4, 4, 4])
    initialisers = [numpy_helper.from_array(values, name) for name, values in tensors.items()]
    graph = helper.make_graph(nodes, "small", [data, *inputs], [output], initialisers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 21)], ir_version=10)
    return bytes(model.SerializeToString())


def reference(model: bytes | onnx.ModelProto, data: NDArray[np.float32]) -> NDArray[np.float32]:
    """Run by the onnx package's own evaluator, which takes the shipped form as well."""
    (output,) = ReferenceEvaluator(model).run(None, {"data": data})
    return np.asarray(output, np.float32)


def test_folded_weights_compute_what_the_quantised_ones_do() -> None:
    shipped = block_quantised()
    folded = onnx.load_from_string(fold_block_weights(shipped))
    assert [value.name for value in folded.graph.input] == ["data"]
    assert [node.op_type for node in folded.graph.node] == ["Conv"]
    data = RANDOM.normal(size=(1, 3, 6, 6)).astype(np.float32)
    np.testing.assert_allclose(reference(folded, data), reference(shipped, data), rtol=1e-5)


@pytest.mark.parametrize("data", [b"not a model", b"", b"\x08\x06"])
def test_what_is_no_such_graph_is_refused(data: bytes) -> None:
    with pytest.raises(ModelError):
        fold_block_weights(data)


def test_every_machine_folds_sface_to_the_pinned_bytes() -> None:
    shipped = shipped_file(ModelName.SFACE)
    first = fold_block_weights(shipped)
    assert hashlib.sha256(first).hexdigest() == CATALOGUE[ModelName.SFACE].sha256
    assert fold_block_weights(shipped) == first


def test_folded_sface_recognises_as_the_shipped_model_does() -> None:
    shipped = shipped_file(ModelName.SFACE)
    crop = cv2.resize(drawn_face()[120:360, 200:440], (112, 112))
    data = np.asarray(cv2.dnn.blobFromImage(crop, 1.0, (112, 112), swapRB=True), np.float32)
    wanted = reference(shipped, data)[0]
    network = cv2.dnn.readNetFromONNX(np.frombuffer(fold_block_weights(shipped), np.uint8))
    network.setInput(data)
    found = network.forward()[0]
    assert found @ wanted / np.linalg.norm(found) / np.linalg.norm(wanted) > 0.9999
