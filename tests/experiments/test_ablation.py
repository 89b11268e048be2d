"""The experiment that decides what is kept must itself be right; rendered pupils only show that it runs."""

from pathlib import Path

import numpy as np
import pytest

from edge.errors import ModelError
from edge.vision.detect import Detector
from edge.vision.embed import Embedder
from edge.vision.embed_sface import SFace
from edge.vision.models.catalogue import CATALOGUE, ModelName
from edge.vision.models.store import Store, models_folder
from tests.experiments.ablation import STEPS, configs, halvings, run, steps, table
from tests.experiments.openset import Searches, fnir
from tests.experiments.probes import Portraits, Probes, System, collect
from tests.experiments.rules import Norm, Rule, best, join
from tests.gate.parts import picture

PUPILS = ("p01", "p02", "p03", "p07", "p11", "p14", "p19", "p22")


def made(seed: int, people: int = 4, frames: int = 3) -> Probes:
    store = Store(models_folder())
    try:
        detector = Detector(store.load(CATALOGUE[ModelName.YUNET]))
        embedders: dict[System, Embedder] = {System.SFACE: SFace(store.load(CATALOGUE[ModelName.SFACE]))}
    except ModelError as error:
        pytest.skip(f"{error} (make models)")
    portraits = [
        Portraits(pupil, picture(pupil, "enrol_1"), picture(pupil, "enrol_2")) for pupil in PUPILS[:people]
    ]
    outsiders = [picture(pupil, "enrol_3") for pupil in PUPILS[-2:]]
    return collect(
        portraits, outsiders, detector, embedders, visits=1, frames=frames, seed=seed, progress=lambda: None
    )


def test_the_whole_experiment_runs_and_prints_a_line_for_every_way() -> None:
    probes = made(1, people=8)
    lines = run(probes, [System.SFACE], halving_count=2, splits=2, draws=3, seed=1)
    assert len(lines) == len(list(configs([System.SFACE]))) == (len(Rule) - 1) * len(Norm) + 1
    assert all(0 <= value <= 1 for line in lines for value in (*line.chosen_on, *line.reported))
    assert table(lines).count("\n") == len(lines) + 1
    assert steps(lines).count("\n") == 1 + sum("dlib" not in name for name, _, _ in STEPS) - 1


def test_the_same_seed_gives_the_same_frames_so_that_a_table_can_be_made_again() -> None:
    one, same, other = (made(seed, people=1, frames=2) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.frames[System.SFACE], same.frames[System.SFACE])
    assert not np.array_equal(one.frames[System.SFACE], other.frames[System.SFACE], equal_nan=True)


def test_nobody_is_in_both_halves_or_enrolled_and_a_stranger_at_once() -> None:
    for halving in halvings(21, 5, 4, seed=3):
        assert not np.intersect1d(*halving.halves).size
        for half, splits in zip(halving.halves, halving.splits, strict=True):
            for enrolled, strangers in splits:
                assert sorted(np.concatenate([enrolled, strangers])) == sorted(half)


def test_fnir_counts_the_missed_at_the_threshold_that_lets_in_the_wanted_share_of_strangers() -> None:
    people = np.arange(10)
    searches = Searches(
        mated=np.asarray([0.9, 0.85, 0.5, -np.inf]),
        mated_person=people[:4],
        stranger=np.linspace(0.1, 0.8, 10),
        stranger_person=people,
    )
    assert fnir(searches, 0.0, np.ones(10)) == 0.5  # the bar is at the highest stranger, 0.8
    assert fnir(searches, 0.5, np.ones(10)) == 0.25  # the bar is in the middle, 0.5 passes
    assert fnir(searches, 0.0, np.asarray([0, 0, 3.0, 0, 1, 1, 1, 1, 1, 1])) == 1.0


def test_frames_without_a_face_are_never_chosen_and_a_visit_without_any_is_never_accepted() -> None:
    quality = np.asarray([[0.2, np.nan, 0.9, 0.5], [np.nan] * 4])
    chosen = best(quality, 2)
    np.testing.assert_array_equal(chosen, [[False, False, True, True], [False] * 4])
    scores = np.where(np.isnan(quality)[..., np.newaxis], np.nan, np.asarray([0.1, 0.7]))
    for rule in set(Rule) - {Rule.AGREE_5}:  # there are no three frames that could agree
        fused, accepted = join(rule, scores, chosen, quality, 0.1)
        assert accepted.tolist() == [True, False]
        np.testing.assert_allclose(fused[0], [0.1, 0.7])
        assert np.all(fused[1] == -np.inf)


def test_frames_that_name_different_people_do_not_agree() -> None:
    scores = np.asarray([[[0.9, 0.1, 0.0], [0.0, 0.8, 0.1], [0.1, 0.2, 0.3]]])
    chosen, quality = np.ones((1, 3), bool), np.ones((1, 3))
    assert join(Rule.MEAN, scores, chosen, quality, 0)[1].tolist() == [True]
    assert join(Rule.AGREE, scores, chosen, quality, 0)[1].tolist() == [False]


def test_the_recipe_of_the_table_names_a_module_that_exists() -> None:
    docs = Path(__file__).resolve().parents[2] / "docs"
    for page, module in (
        ("recognition", "ablation"),
        ("recognition", "quality"),
        ("recognition", "templates"),
        ("calibration", "tails"),
    ):
        assert f"python -m tests.experiments.{module}" in (docs / f"{page}.md").read_text("utf-8")
        assert Path(__file__).with_name(f"{module}.py").is_file()
