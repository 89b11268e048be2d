import hashlib
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import ModelError
from edge.vision.models.catalogue import CARRIED, ModelName
from edge.vision.models.install import convert
from edge.vision.models.minifasnet_onnx import minifasnet_to_onnx
from edge.vision.models.torch_file import read_torch_file
from edge.vision.onnx_session import open_session
from edge.vision.opencv_network import open_network
from edge.vision.pad.minifasnet import SCALE_V1SE, SCALE_V2, window
from tests.pad.material import pupils_shown
from tests.pad.models import PAD_MODELS, shipped
from tests.unit.pad.torch_bytes import as_zip, example

# Computed once with PyTorch 2.13 by a forward pass written for the purpose, for the two inputs below.
TORCH = {
    ModelName.MINIFASNET_V2: [
        [0.0128403353, 0.0005540051, 0.986605704],
        [0.000360451, 0.085291639, 0.914347887],
    ],
    ModelName.MINIFASNET_V1SE: [
        [0.014296253, 0.0938478783, 0.891855836],
        [0.002920838, 0.694199741, 0.302879453],
    ],
}


def inputs() -> NDArray[np.float32]:
    scattered = ((np.arange(3 * 80 * 80) * 7919) % 256).reshape(3, 80, 80)
    ramp = np.linspace(0, 255, 80, dtype=np.float32)
    shaded = np.stack([np.tile(ramp, (80, 1)), np.tile(ramp[:, None], (1, 80)), np.full((80, 80), 128)])
    return np.stack([scattered, shaded]).astype(np.float32)


Floats = NDArray[np.float32]
Runtime = Callable[[bytes, Floats], Floats]


def by_opencv(model: bytes, pictures: Floats) -> Floats:
    """As the gate runs it."""
    network = open_network(model, "a MiniFASNet model", "")
    network.setInput(pictures)
    return np.asarray(network.forward(), np.float32)


def by_onnxruntime(model: bytes, pictures: Floats) -> Floats:
    (answer,) = open_session(model, "a MiniFASNet model", "").run(["probability"], {"image": pictures})
    return np.asarray(answer, np.float32)


@pytest.mark.parametrize("run", [by_opencv, by_onnxruntime])
@pytest.mark.parametrize("name", PAD_MODELS)
def test_the_converted_network_computes_what_torch_computes(name: ModelName, run: Runtime) -> None:
    answer = run(minifasnet_to_onnx(shipped(name)), inputs())
    np.testing.assert_allclose(answer, TORCH[name], atol=2e-5)


@pytest.mark.parametrize("name", PAD_MODELS)
def test_no_face_is_live_in_one_runtime_and_a_picture_in_the_other(name: ModelName) -> None:
    scale = SCALE_V2 if name is ModelName.MINIFASNET_V2 else SCALE_V1SE
    shown = [window(picture, box, scale) for _, picture, box in pupils_shown()]
    batch = np.stack(shown).transpose(0, 3, 1, 2).astype(np.float32)
    model = minifasnet_to_onnx(shipped(name))
    np.testing.assert_allclose(by_opencv(model, batch), by_onnxruntime(model, batch), atol=1e-5)


@pytest.mark.parametrize("name", PAD_MODELS)
def test_every_machine_converts_to_the_pinned_bytes(name: ModelName) -> None:
    model, original = CARRIED[name], shipped(name)
    assert hashlib.sha256(original).hexdigest() == model.member_sha256
    converted = convert(model, original)
    assert (hashlib.sha256(converted).hexdigest(), len(converted)) == (model.sha256, model.size)


@pytest.mark.parametrize(
    "name",
    ["module.prob.weight", "module.conv_3.model.2.project.bn.running_var", "module.conv1.prelu.weight"],
)
def test_a_network_with_a_part_missing_is_refused_by_the_name_of_the_part(name: str) -> None:
    tensors = read_torch_file(shipped(ModelName.MINIFASNET_V2))
    del tensors[name]
    with pytest.raises(ModelError, match=name.removeprefix("module.").replace(".", r"\.")):
        minifasnet_to_onnx(as_zip(tensors))


def test_a_network_with_a_part_too_many_is_refused() -> None:
    tensors = read_torch_file(shipped(ModelName.MINIFASNET_V2))
    tensors["module.conv_9.weight"] = np.zeros((1, 1), np.float32)
    with pytest.raises(ModelError, match="conv_9"):
        minifasnet_to_onnx(as_zip(tensors))


def test_weights_of_something_else_are_refused() -> None:
    with pytest.raises(ModelError, match="not a MiniFASNet"):
        minifasnet_to_onnx(as_zip(example()))
