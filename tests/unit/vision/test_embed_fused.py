"""Two networks are one engine: their opinions count alike, whatever the length of their vectors."""

import pytest

from edge.vision.embed_fused import Fused
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import EMBEDDING, EngineName
from edge.vision.face import Metric
from edge.vision.models.store import Store
from tests.gate.parts import picture


def cosine(engine: Engine, one: str, other: str) -> float:
    vectors = []
    for pupil in (one, other):
        image = picture(pupil)
        vectors.append(engine.embedder.embed(image, engine.detector.detect(image)[0]))
    return float(vectors[0] @ vectors[1])


def test_a_fused_score_is_the_mean_of_the_two_cosines(store: Store) -> None:
    sface, dlib = (load_engine(name, store=store) for name in (EngineName.SFACE, EngineName.DLIB))
    fused = Engine(sface.detector, Fused([sface.embedder, dlib.embedder]))
    for other in ("p01", "p02"):
        parts = [cosine(engine, "p01", other) for engine in (sface, dlib)]
        assert cosine(fused, "p01", other) == pytest.approx(sum(parts) / 2, abs=1e-5)
    assert abs(parts[0] - parts[1]) > 0.1  # else the mean would say nothing
    assert fused.embedder.name == load_engine(EngineName.FUSED, store=store).embedder.name


def test_every_engine_names_the_networks_behind_its_vectors(store: Store) -> None:
    for name, networks in EMBEDDING.items():
        embedder = load_engine(name, store=store).embedder
        assert isinstance(embedder, Fused) == (len(networks) > 1)
        assert embedder.metric is Metric.COSINE or name is EngineName.DLIB
