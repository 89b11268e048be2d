"""A form that is said to cost nothing must have been measured; rendered pupils only show that it is."""

import argparse
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from edge.errors import ModelError
from edge.vision.detect import Detector
from edge.vision.embed import Batch
from edge.vision.embed_sface import SFace as SFaceEmbedder
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.experiments.candidates import DLIB, SFACE, Candidate, Network, calibration, candidates
from tests.experiments.loops import row, walked
from tests.experiments.precision import arguments, portraits_fnir, recognised, table, times
from tests.experiments.probes import Portraits
from tests.experiments.rules import Rule
from tests.experiments.stages import stages
from tests.experiments.timing import cpu_milliseconds
from tests.experiments.variants import split_prelu
from tests.gate.parts import picture
from tests.pad.models import filled_store

PUPILS = ("p01", "p02", "p03", "p07", "p11", "p14", "p19", "p22")
FLOATS = ("float32", "float16")


def loaded(name: ModelName) -> bytes:
    try:
        return Store(models_folder()).load(CATALOGUE[name])
    except ModelError as error:
        pytest.skip(f"{error} (make models)")


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(loaded(ModelName.YUNET))


@pytest.fixture(scope="module", params=[SFACE, DLIB], ids=["sface", "dlib"])
def network(request: pytest.FixtureRequest) -> Network:
    chosen: Network = request.param
    return chosen


@pytest.fixture(scope="module")
def crops(network: Network, detector: Detector) -> list[Batch]:
    return calibration(network, detector)[::12]


@pytest.fixture(scope="module")
def found(network: Network, crops: list[Batch]) -> list[Candidate]:
    return list(candidates(network, loaded(network.model), None, crops))


def test_every_form_is_still_the_same_network(found: list[Candidate], crops: list[Batch]) -> None:
    own = found[0].vector(crops[0])
    for candidate in found:
        other = candidate.vector(crops[0])
        cosine = float(own @ other / np.linalg.norm(own) / np.linalg.norm(other))
        assert cosine > (0.9999 if candidate.name.startswith(FLOATS) else 0.9), candidate.name


def test_the_whole_experiment_runs_and_prints_a_line_for_every_form(
    network: Network, found: list[Candidate], crops: list[Batch], detector: Detector
) -> None:
    people = [Portraits(pupil, picture(pupil, "enrol_1"), picture(pupil, "enrol_2")) for pupil in PUPILS]
    options: argparse.Namespace = arguments().parse_args(
        [".", "--visits=1", "--frames=2", "--halvings=2", "--splits=2", "--draws=3"]
    )
    results = recognised(network, found, people, detector, options)
    for name, result in results.items():
        assert (result.cosine[0] > 0.9999) == name.startswith(FLOATS), name
    assert {one.name for one in found if not one.form.exact} < results.keys()
    assert table(found, times(found, crops[0], rounds=1), results).count("\n") == len(found) + 1


def test_a_form_that_confuses_everybody_is_seen_to(network: Network) -> None:
    random = np.random.default_rng(5)
    neutral = random.normal(size=(20, 128))
    neutral /= np.linalg.norm(neutral, axis=1, keepdims=True)
    assert portraits_fnir(network, neutral, neutral) == (0, 0)
    assert portraits_fnir(network, neutral, np.roll(neutral, 1, axis=0)) == (1, 1)


@pytest.mark.parametrize("slopes", [(-0.8, 0.0, 0.3, 1.0), (-0.8, 0.3, 1.0, 1.2)])
def test_prelu_in_steps_is_prelu(slopes: tuple[float, ...]) -> None:
    shape = [1, 4, 2, 5]
    graph = helper.make_graph(
        [helper.make_node("PRelu", ["x", "slope"], ["y"])],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
        [numpy_helper.from_array(np.asarray(slopes, np.float32).reshape(4, 1, 1), "slope")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    values = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    whole = ReferenceEvaluator(onnx.load_from_string(model.SerializeToString())).run(None, {"x": values})
    steps = split_prelu(model)
    assert "PRelu" not in {node.op_type for node in steps.graph.node}
    split = ReferenceEvaluator(steps).run(None, {"x": values})
    np.testing.assert_allclose(np.asarray(split), np.asarray(whole), atol=1e-6)


def test_ways_are_timed_in_turns_so_that_a_busy_moment_meets_all_of_them() -> None:
    calls: list[str] = []
    ways: dict[str, Callable[[], object]] = {name: partial(calls.append, name) for name in "ab"}
    taken = cpu_milliseconds(ways, rounds=3, runs=2)
    assert "".join(calls) == "aaabbb" * 3
    assert set(taken) == set(calls)


def test_a_detector_that_finds_nobody_misses_everybody(detector: Detector) -> None:
    people = [Portraits(pupil, picture(pupil, "enrol_1"), picture(pupil, "enrol_2")) for pupil in PUPILS]
    embedder = SFaceEmbedder(loaded(ModelName.SFACE))
    probes = walked(people, detector, embedder, visits=1, frames=2)
    blind = replace(
        probes,
        quality=np.full_like(probes.quality, np.nan),
        frames={system: np.full_like(found, np.nan) for system, found in probes.frames.items()},
    )
    settings = {"people": len(people), "halving_count": 1, "splits": 2, "draws": 2}
    line = row("blind", blind, Rule.MEAN_VECTOR, **settings)
    assert line.startswith(f"| blind | {Rule.MEAN_VECTOR} | 100.0 | 100.0 ")
    assert not row("gate", probes, Rule.MEAN_VECTOR, **settings).endswith(line.removeprefix("| blind"))


def test_every_stage_runs_on_every_picture_it_is_given(tmp_path: Path) -> None:
    store, sface = filled_store(tmp_path / "models"), CATALOGUE[ModelName.SFACE]
    store.put(sface, loaded(ModelName.SFACE))
    for work in stages(store).values():
        for _ in range(3):
            work()


@pytest.mark.parametrize("module", ["precision", "loops", "stages"])
def test_the_recipe_of_the_page_names_a_module_that_exists(module: str) -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "speed.md").read_text("utf-8")
    assert f"python -m tests.experiments.{module}" in page
    assert Path(__file__).with_name(f"{module}.py").is_file()
